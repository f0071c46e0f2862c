//! Receivers of traces.

use health_core::RedactedUrl;

use super::{WebUrl, reading::Reading};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES_ENDPOINT: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// Holds where traces go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tracing {
    /// The address as it was given.
    pub endpoint: WebUrl,
    /// The name of this service in traces: `OTEL_SERVICE_NAME`.
    pub service_name: Option<String>,
    is_whole: bool,
}

impl Tracing {
    /// Returns the address that traces are sent to.
    ///
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is taken as it stands; to the general
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` the path `v1/traces` is appended, with one slash whether it ends in
    /// one or not. Source: OpenTelemetry Protocol Exporter.
    pub fn traces_url(&self) -> RedactedUrl {
        if self.is_whole {
            self.endpoint.url().clone()
        } else {
            self.endpoint.join("v1/traces")
        }
    }
}

pub(super) fn read(reading: &mut Reading<'_>) -> Option<(&'static str, Tracing)> {
    let service_name = reading.string("OTEL_SERVICE_NAME");
    let general = reading.web_url(ENDPOINT);
    let own = reading.web_url(TRACES_ENDPOINT).ok()?;
    let (variable, endpoint, is_whole) = match own {
        Some(own) => (TRACES_ENDPOINT, own, true),
        None => (ENDPOINT, general.ok()??, false),
    };
    let tracing = Tracing {
        endpoint,
        service_name,
        is_whole,
    };
    Some((variable, tracing))
}
