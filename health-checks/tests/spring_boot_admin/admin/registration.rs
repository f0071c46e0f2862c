//! What an application says of itself.

use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::Value;

/// Source: Spring Boot Admin `Registration`, `RegistrationDeserializer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) name: String,
    pub(crate) management_url: Option<String>,
    pub(crate) health_url: String,
    pub(crate) service_url: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Registration {
    /// Reads a body; what is refused is nothing.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let text = |names: [&str; 2]| {
            let mut values = names.iter().filter_map(|name| body.get(name)?.as_str());
            values.next().map(str::to_owned)
        };
        let name = text(["name", "name"]).filter(|name| !name.is_empty())?;
        let mut read = Self {
            name,
            management_url: text(["managementUrl", "management_url"]),
            health_url: text(["healthUrl", "health_url"]).unwrap_or_default(),
            service_url: text(["serviceUrl", "service_url"]),
            metadata: BTreeMap::new(),
        };
        if let Some(url) = text(["url", "url"]) {
            read.health_url = format!("{}/health", url.trim_end_matches('/'));
            read.management_url = Some(url);
            read.service_url = None;
        }
        let is_absolute = |url: &String| Url::parse(url).is_ok();
        if !is_absolute(&read.health_url)
            || !read.management_url.as_ref().is_none_or(is_absolute)
            || !read.service_url.as_ref().is_none_or(is_absolute)
        {
            return None;
        }
        for (key, value) in body
            .get("metadata")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            read.metadata
                .insert(key.clone(), value.as_str()?.to_owned());
        }
        Some(read)
    }

    /// Returns the user by which the application may be asked.
    pub(crate) fn user(&self) -> Option<(String, String)> {
        let first = |keys: [&str; 3]| keys.iter().find_map(|&key| self.metadata.get(key).cloned());
        let name = first(["user.name", "user-name", "username"])?;
        Some((
            name,
            first(["user.password", "user-password", "userpassword"])?,
        ))
    }
}

#[test]
fn a_registration_needs_a_name_and_absolute_urls() {
    let full = r#"{"name":"a","healthUrl":"http://h/health","managementUrl":"http://h","serviceUrl":"http://h"}"#;
    let cases = [
        ("full", full, true),
        (
            "least",
            r#"{"name":"a","healthUrl":"http://h/health"}"#,
            true,
        ),
        (
            "snake case",
            r#"{"name":"a","health_url":"http://h/health"}"#,
            true,
        ),
        ("legacy", r#"{"name":"a","url":"http://h"}"#, true),
        ("no name", r#"{"healthUrl":"http://h/health"}"#, false),
        (
            "empty name",
            r#"{"name":"","healthUrl":"http://h/health"}"#,
            false,
        ),
        (
            "no health URL",
            r#"{"name":"a","managementUrl":"http://h"}"#,
            false,
        ),
        ("empty health URL", r#"{"name":"a","healthUrl":""}"#, false),
        (
            "relative health URL",
            r#"{"name":"a","healthUrl":"/health"}"#,
            false,
        ),
        (
            "relative URL",
            r#"{"name":"a","healthUrl":"http://h/health","serviceUrl":"h"}"#,
            false,
        ),
        (
            "metadata",
            r#"{"name":"a","url":"http://h","metadata":{"a":"b"}}"#,
            true,
        ),
        (
            "nested metadata",
            r#"{"name":"a","url":"http://h","metadata":{"a":{}}}"#,
            false,
        ),
        ("no JSON", "name=a", false),
    ];
    for (name, body, is_accepted) in cases {
        assert_eq!(
            Registration::read(body.as_bytes()).is_some(),
            is_accepted,
            "{name}"
        );
    }
}
