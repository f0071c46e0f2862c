//! What an admin is told of this application.

use std::{collections::BTreeMap, time::SystemTime};

use health_core::{RedactedUrl, Secret, info::rfc3339};
use serde_json::{Map, Value, json};

use crate::{SettingError, web::parse_url};

/// The metadata by which an admin sees that an instance was restarted.
const STARTUP: &str = "startup";

/// Holds URLs without a slash at their end: where the endpoints are on the root, the admin shall
/// see that the management URL is the service URL and look for no discovery page there.
pub(super) struct Application {
    pub(super) name: String,
    pub(super) service_url: String,
    pub(super) management_url: String,
    pub(super) health_url: String,
    pub(super) metadata: BTreeMap<String, Secret<String>>,
}

impl Application {
    /// Writes the registration, as started now unless the metadata says otherwise.
    pub(super) fn to_json(&self) -> Vec<u8> {
        let mut metadata = Map::new();
        metadata.insert(STARTUP.to_owned(), rfc3339(SystemTime::now()).into());
        for (key, value) in &self.metadata {
            metadata.insert(key.clone(), Value::from(value.expose().as_str()));
        }
        let body = json!({
            "name": self.name,
            "managementUrl": self.management_url,
            "healthUrl": self.health_url,
            "serviceUrl": self.service_url,
            "metadata": metadata,
        });
        body.to_string().into_bytes()
    }
}

/// Reads a URL that others are told.
pub(super) fn parse(what: &str, text: &str) -> Result<String, SettingError> {
    let failed = |problem: String| {
        let shown = RedactedUrl::new(text);
        let place = format!("{what} `{}`", shown.as_str().escape_debug());
        SettingError::new(place, problem)
    };
    let url = parse_url(text).map_err(failed)?;
    if !url.username().is_empty() || url.password().is_some() {
        let problem = "there is a user in it, which everybody at the admin would see; use `callback_credentials`";
        return Err(failed(problem.to_owned()));
    }
    if url.query().is_some() {
        let problem = "there is a query in it, behind which no path can follow; leave it out";
        return Err(failed(problem.to_owned()));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_that_others_may_see_are_accepted() {
        for (text, expected) in [
            ("http://orders:8080", "http://orders:8080"),
            ("http://orders:8080/", "http://orders:8080"),
            ("HTTPS://Orders/app//", "https://orders/app"),
            ("http://[::1]:80/a", "http://[::1]/a"),
        ] {
            assert_eq!(parse("service URL", text).unwrap(), expected, "{text}");
        }
        for (text, reason) in [
            (
                "orders:8080",
                "service URL `orders:8080`: there is no scheme",
            ),
            (
                "http://u:s3cret@h/",
                "service URL `http://u:******@h/`: there is a user",
            ),
            (
                "http://h/?key=s3cret",
                "service URL `http://h/?key=******`: there is a query",
            ),
        ] {
            let error = parse("service URL", text).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{text}: {error}");
        }
    }
}
