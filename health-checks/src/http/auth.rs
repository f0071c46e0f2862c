//! The settings by which a check authenticates.

use health_core::Secret;

use super::Http;
use crate::SettingError;

impl Http {
    /// Sets a header that authenticates, such as `X-Api-Key`.
    ///
    /// # Errors
    /// As [`Http::header`].
    pub fn header_auth(
        self,
        name: &str,
        value: impl Into<Secret<String>>,
    ) -> Result<Self, SettingError> {
        self.header(name, value.into().expose())
    }

    /// Authenticates by a token: `Authorization: Bearer` and the token.
    ///
    /// # Errors
    /// As [`Http::header`].
    pub fn bearer_auth(self, token: impl Into<Secret<String>>) -> Result<Self, SettingError> {
        self.header("authorization", format!("Bearer {}", token.into().expose()))
    }

    /// Authenticates by user and password, in the place of those in the URL.
    ///
    /// # Errors
    /// Fails for a user with a `:`, which ends the name. Source: RFC 7617 section 2.
    pub fn basic_auth(
        mut self,
        user: impl AsRef<str>,
        password: impl Into<Secret<String>>,
    ) -> Result<Self, SettingError> {
        let user = user.as_ref();
        if user.contains(':') {
            let problem = "the name of a user holds no `:`";
            return Err(SettingError::new("basic authentication", problem));
        }
        let url = &mut self.request.url;
        // A URL with a host, as this one has, takes both; a `%` in them would pass as encoded.
        _ = url.set_username(&user.replace('%', "%25"));
        _ = url.set_password(Some(&password.into().expose().replace('%', "%25")));
        Ok(self)
    }
}
