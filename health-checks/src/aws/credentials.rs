//! With which keys requests are signed.

use std::{env, fmt};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};

use crate::SettingError;

const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The name of what provides the keys, as the AWS libraries want one.
const PROVIDER: &str = "health-checks";

/// The keys that requests to AWS are signed with, or what provides them.
///
/// Keys of an instance role, of SSO and the like are those of the application: give its provider,
/// such as the one that aws-config makes, to [`AwsCredentials::from_provider`].
///
/// `Debug` shows no key.
#[derive(Clone)]
pub struct AwsCredentials(SharedCredentialsProvider);

impl AwsCredentials {
    /// Takes an access key and its secret.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self::of(access_key_id.into(), secret_access_key.into(), None)
    }

    /// Takes keys that hold for a session only.
    pub fn session(
        access_key_id: impl Into<String>,
        secret_access_key: impl Into<String>,
        session_token: impl Into<String>,
    ) -> Self {
        let token = session_token.into();
        Self::of(access_key_id.into(), secret_access_key.into(), Some(token))
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where it is set, `AWS_SESSION_TOKEN`.
    ///
    /// # Errors
    /// Fails when one of the first two is missing or empty, and names it.
    pub fn from_environment() -> Result<Self, SettingError> {
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let needed = |name| {
            set(name).ok_or_else(|| SettingError::new(name, "the variable is missing or empty"))
        };
        Ok(Self::of(
            needed(ACCESS_KEY)?,
            needed(SECRET_KEY)?,
            set(SESSION_TOKEN),
        ))
    }

    /// Asks the application's own provider before each run.
    pub fn from_provider(provider: impl ProvideCredentials + 'static) -> Self {
        Self(SharedCredentialsProvider::new(provider))
    }

    fn of(id: String, secret: String, token: Option<String>) -> Self {
        Self::from_provider(Credentials::new(id, secret, token, None, PROVIDER))
    }

    pub(super) async fn get(&self) -> Result<Credentials, String> {
        let provided = self.0.provide_credentials().await;
        provided.map_err(|error| format!("there are no credentials: {error}"))
    }
}

impl fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsCredentials").finish_non_exhaustive()
    }
}
