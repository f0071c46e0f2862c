//! What the environment says.

use std::fmt;

use health_core::RedactedUrl;

use super::DEFAULT_LOG_FILTER;
use crate::{SettingError, web::parse_url};

const GENERAL_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const RUST_LOG: &str = "RUST_LOG";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// Where traces are received below the general endpoint.
///
/// Source: OpenTelemetry specification, "OTLP exporter", endpoint URLs for OTLP/HTTP.
const TRACES_PATH: &str = "v1/traces";

pub(super) struct Settings {
    pub(super) service: String,
    pub(super) default_log_filter: String,
    rust_log: Option<String>,
    /// The whole URL, or nothing where no traces are exported.
    pub(super) traces: Option<RedactedUrl>,
}

impl Settings {
    pub(super) fn read(
        service: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingError> {
        let set = |name: &str| {
            let value = variable(name)?.trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        let is_off = set("OTEL_SDK_DISABLED").is_some_and(|it| it.eq_ignore_ascii_case("true"))
            || set("OTEL_TRACES_EXPORTER").is_some_and(|it| it == "none");
        Ok(Self {
            service: set("OTEL_SERVICE_NAME").unwrap_or_else(|| service.to_owned()),
            default_log_filter: DEFAULT_LOG_FILTER.to_owned(),
            rust_log: set(RUST_LOG),
            traces: if is_off { None } else { endpoint(set)? },
        })
    }

    /// Returns what is logged, behind the name of what says it.
    pub(super) fn log_filter(&self) -> (&'static str, &str) {
        match &self.rust_log {
            Some(filter) => (RUST_LOG, filter),
            None => ("log filter", &self.default_log_filter),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("service", &self.service)
            .field("log_filter", &self.log_filter())
            .field("traces", &self.traces)
            .finish()
    }
}

fn endpoint(set: impl Fn(&str) -> Option<String>) -> Result<Option<RedactedUrl>, SettingError> {
    let (name, url) = match (set(TRACES_ENDPOINT), set(GENERAL_ENDPOINT)) {
        (Some(url), _) => (TRACES_ENDPOINT, url),
        (None, Some(url)) => (GENERAL_ENDPOINT, url),
        (None, None) => return Ok(None),
    };
    if parse_url(&url).is_err() {
        return Err(SettingError::new(
            name,
            "this is no URL of a receiver; write one as in `http://tempo:4318`",
        ));
    }
    Ok(Some(RedactedUrl::new(match name {
        TRACES_ENDPOINT => url,
        _ => format!("{}/{TRACES_PATH}", url.trim_end_matches('/')),
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingError> {
        Settings::read("orders", |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_endpoint_is_found_where_the_specification_has_it() {
        let cases: [(&str, &[(&str, &str)], Option<&str>); 8] = [
            ("nothing", &[], None),
            ("empty", &[(GENERAL_ENDPOINT, " ")], None),
            (
                "general",
                &[(GENERAL_ENDPOINT, "http://tempo:4318")],
                Some("http://tempo:4318/v1/traces"),
            ),
            (
                "with a slash, as charms give it",
                &[(GENERAL_ENDPOINT, "http://tempo:4318/")],
                Some("http://tempo:4318/v1/traces"),
            ),
            (
                "with a path",
                &[(GENERAL_ENDPOINT, "https://u:p@h/otlp//")],
                Some("https://u:p@h/otlp/v1/traces"),
            ),
            (
                "for traces, as it is",
                &[
                    (TRACES_ENDPOINT, "http://t/x/"),
                    (GENERAL_ENDPOINT, "http://g"),
                ],
                Some("http://t/x/"),
            ),
            (
                "no exporter",
                &[
                    (GENERAL_ENDPOINT, "http://g"),
                    ("OTEL_TRACES_EXPORTER", "none"),
                ],
                None,
            ),
            (
                "disabled, even where it is wrong",
                &[(GENERAL_ENDPOINT, "g"), ("OTEL_SDK_DISABLED", "TRUE")],
                None,
            ),
        ];
        for (name, variables, expected) in cases {
            let traces = read(variables).unwrap().traces;
            assert_eq!(traces.as_ref().map(RedactedUrl::expose), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_by_the_name_of_its_variable() {
        for url in ["tempo:4318", "s3cret", "ftp://h/", "http://"] {
            let error = read(&[(GENERAL_ENDPOINT, url)]).unwrap_err().to_string();
            assert!(
                error.starts_with("OTEL_EXPORTER_OTLP_ENDPOINT: "),
                "{error}"
            );
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn names_and_filters_have_defaults() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.service, "orders");
        assert_eq!(settings.log_filter(), ("log filter", DEFAULT_LOG_FILTER));
        let mut settings = read(&[("OTEL_SERVICE_NAME", "shop"), ("RUST_LOG", "warn")]).unwrap();
        settings.default_log_filter = "debug".to_owned();
        assert_eq!(settings.service, "shop");
        assert_eq!(settings.log_filter(), ("RUST_LOG", "warn"));
        settings.rust_log = None;
        assert_eq!(settings.log_filter(), ("log filter", "debug"));
    }
}
