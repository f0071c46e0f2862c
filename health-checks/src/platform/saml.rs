//! SAML identity providers.

use super::{WebUrl, reading::Reading};

const ENTITY_ID: &str = "SAML_ENTITY_ID";
const METADATA_URL: &str = "SAML_METADATA_URL";
const REDIRECT_URL: &str = "SAML_SINGLE_SIGN_ON_REDIRECT_URL";
const CERTIFICATE: &str = "SAML_SIGNING_CERTIFICATE";

/// Holds what `SAML_*` say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Saml {
    /// The identity provider's name of itself.
    pub entity_id: String,
    /// Where its metadata are; none for a provider that sends them in another way.
    pub metadata_url: Option<WebUrl>,
    /// Where users are sent to sign on; none for a provider that takes posts only.
    pub redirect_url: Option<WebUrl>,
    /// The certificate of its signatures: base64 of DER, without the lines around it.
    pub signing_certificate: Option<String>,
}

pub(super) fn read(reading: &mut Reading<'_>) -> Option<(&'static str, Saml)> {
    let metadata_url = reading.web_url(METADATA_URL);
    let redirect_url = reading.web_url(REDIRECT_URL);
    let signing_certificate = reading.string(CERTIFICATE);
    let Some(entity_id) = reading.string(ENTITY_ID) else {
        let others = [METADATA_URL, REDIRECT_URL, CERTIFICATE];
        if others.iter().any(|name| reading.variables.has(name)) {
            reading.missing(&[ENTITY_ID]);
        }
        return None;
    };
    let saml = Saml {
        entity_id,
        metadata_url: metadata_url.ok()?,
        redirect_url: redirect_url.ok().flatten(),
        signing_certificate,
    };
    Some((ENTITY_ID, saml))
}
