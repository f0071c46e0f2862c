//! What checks of AWS and of services with its API have in common: credentials, and requests
//! signed with them.

mod credentials;
mod failure;
mod signed;
mod xml;

pub use self::credentials::AwsCredentials;
#[cfg(feature = "aws-ec2")]
pub(crate) use self::xml::{child, document, items, text};
pub(crate) use self::{
    failure::AwsFailure,
    signed::{Question, SignedService},
};

use reqwest::Url;

use crate::{SettingError, web::parse_url};

/// The longest name of a region: that of a label in a host name.
const MAX_REGION_BYTES: usize = 63;

/// Reads the address of a service, which is its scheme, host and port.
pub(crate) fn endpoint(text: &str) -> Result<Url, SettingError> {
    let url = parse_url(text).map_err(|problem| SettingError::new("endpoint", problem))?;
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err(SettingError::new(
            "endpoint",
            "write the scheme, the host and the port only, as in `https://ec2.eu-west-1.amazonaws.com`",
        ));
    }
    Ok(url)
}

/// Reads the name of a region, which becomes part of a host name.
pub(crate) fn region(name: &str) -> Result<String, SettingError> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=MAX_REGION_BYTES).contains(&name.len()) && name.chars().all(is_plain) {
        return Ok(name.to_owned());
    }
    Err(SettingError::new(
        format!("region `{}`", name.escape_debug()),
        "write its short name, as in `eu-west-1`",
    ))
}
