//! OAuth and OpenID Connect providers.

use health_core::Secret;
use serde_json::Value;

use super::{Integration, Service, WebUrl, reading::Reading};

const CLIENT_ID: &str = "_CLIENT_ID";
const BASE_URL: &str = "_API_BASE_URL";

/// Holds what `<prefix><endpoint>_CLIENT_ID` and its companions say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuth {
    /// The application's name at the provider.
    pub client_id: String,
    /// The application's secret at the provider.
    pub client_secret: Option<Secret<String>>,
    /// The issuer.
    pub api_base_url: WebUrl,
    /// Where users are sent to sign in.
    pub authorize_url: Option<WebUrl>,
    /// Where tokens are given.
    pub access_token_url: Option<WebUrl>,
    /// Where the profile of a user is given.
    pub user_url: Option<WebUrl>,
    /// Where the keys of signatures are.
    pub jwks_url: Option<WebUrl>,
    /// The path that the provider sends users back to.
    pub redirect_path: Option<String>,
    /// What the application asks to know, such as `openid`.
    pub scopes: Vec<String>,
}

/// Reads all providers. An option that holds a secret with the key `client-id` has a variable of the
/// same form, so only what has an issuer, too, is a provider.
pub(super) fn read(reading: &mut Reading<'_>, prefix: &str, found: &mut Vec<Integration>) {
    let variables = reading.variables;
    for variable in variables.names() {
        let name = variable
            .strip_prefix(prefix)
            .and_then(|n| n.strip_suffix(CLIENT_ID));
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        let stem = format!("{prefix}{name}");
        if variables.has(&format!("{stem}{BASE_URL}"))
            && let Some(oauth) = provider(reading, variable, &stem)
        {
            let name = Some(name.to_lowercase());
            found.push(Integration::new(name, variable, Service::OAuth(oauth)));
        }
    }
}

fn provider(reading: &mut Reading<'_>, variable: &str, stem: &str) -> Option<OAuth> {
    // Variables of options cannot have the dash that the name of an endpoint can have.
    let option_stem = stem.replace('-', "_");
    let mut url = |suffix: &str| reading.web_url(&format!("{stem}_{suffix}")).ok().flatten();
    let api_base_url = url("API_BASE_URL");
    let authorize_url = url("AUTHORIZE_URL");
    let access_token_url = url("ACCESS_TOKEN_URL");
    let user_url = url("USER_URL");
    let jwks_url = url("JWKS_URL");
    let asked = reading
        .text(&format!("{stem}_CLIENT_KWARGS"))
        .and_then(scope);
    let option = reading.string(&format!("{option_stem}_SCOPES"));
    let scopes = asked.or(option).unwrap_or_default();
    Some(OAuth {
        client_id: reading.string(variable)?,
        client_secret: reading.secret(&format!("{stem}_CLIENT_SECRET")),
        redirect_path: reading.string(&format!("{option_stem}_REDIRECT_PATH")),
        scopes: scopes.split_whitespace().map(str::to_owned).collect(),
        api_base_url: api_base_url?,
        authorize_url,
        access_token_url,
        user_url,
        jwks_url,
    })
}

fn scope(text: &str) -> Option<String> {
    let arguments: Value = serde_json::from_str(text).ok()?;
    Some(arguments.get("scope")?.as_str()?.to_owned())
}
