//! The way of spans to their receiver.

use std::{thread, time::Duration};

use health_core::RedactedUrl;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use reqwest::blocking::Client;

use crate::{SettingError, tls::Tls};

/// How long one batch may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes what sends spans in batches, on a thread of its own.
pub(super) fn provider(
    service: &str,
    traces: &RedactedUrl,
) -> Result<SdkTracerProvider, SettingError> {
    let failed = |reason: String| SettingError::new("export of traces", reason);
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client().map_err(failed)?)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(traces.expose())
        .with_timeout(EXPORT_TIMEOUT)
        .build()
        .map_err(|error| failed(error.to_string()))?;
    let resource = Resource::builder()
        .with_service_name(service.to_owned())
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

/// Makes a client that blocks the exporter's thread, on a thread that may block; with settings of
/// TLS of its own, since what the exporter makes by itself panics where the process has no provider.
fn client() -> Result<Client, String> {
    let made = thread::spawn(|| {
        Client::builder()
            .tls_backend_preconfigured(Tls::new().client_config())
            .no_proxy()
            .timeout(EXPORT_TIMEOUT)
            .build()
    });
    match made.join() {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the HTTP client cannot be made".to_owned()),
    }
}
