//! Logs and traces as a 12-factor platform expects them.

mod export;
mod settings;

use std::{fmt, time::Duration};

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Subscriber, subscriber::set_global_default};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt::{format::FmtSpan, writer::BoxMakeWriter},
    layer::SubscriberExt,
};

use self::settings::Settings;
use crate::SettingError;

/// What is logged where neither `RUST_LOG` nor [`Telemetry::log_filter`] says it: `info` and above.
pub const DEFAULT_LOG_FILTER: &str = "info";

/// How long the end waits for spans that are not sent yet.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The name of what makes the spans, as receivers show it.
const TRACER: &str = "health-checks";

/// Crates whose spans are about sending spans, among other things: exported, each batch would make
/// the next one.
const CARRIERS: [&str; 6] = [
    "h2",
    "hyper",
    "hyper_util",
    "opentelemetry",
    "reqwest",
    "rustls",
];

/// Where tower-http makes a span for each request, at the level DEBUG.
const REQUEST_SPANS: &str = "tower_http";

/// Sets up logs on the standard output, and the export of traces where the environment names a
/// receiver: OTLP over HTTP, as protobuf.
///
/// Read from the environment: `RUST_LOG` (default [`DEFAULT_LOG_FILTER`]),
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` as it is, else `OTEL_EXPORTER_OTLP_ENDPOINT` with
/// `v1/traces` behind it, `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`,
/// `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`; `OTEL_TRACES_EXPORTER=none` and
/// `OTEL_SDK_DISABLED=true` switch the export off. What is empty counts as absent. Neither metrics
/// nor logs are exported, whatever is set: platforms scrape the one and collect the other.
///
/// A receiver that is away is told in the log and changes nothing else.
/// A successful probe has no span where the adapter's layer keeps it from being made, such as
/// `health_axum::trace_layer`.
///
/// ```no_run
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let telemetry = health_checks::Telemetry::from_process("orders")?.install()?;
/// // serve, and at the end
/// drop(telemetry); // sends what is left
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is set up until `install` is called"]
pub struct Telemetry {
    settings: Settings,
    is_json: bool,
    writer: BoxMakeWriter,
}

impl Telemetry {
    /// Reads the environment of the process; `service` is its name where the environment has none.
    ///
    /// # Errors
    /// Fails when a variable cannot be used, and names it.
    pub fn from_process(service: &str) -> Result<Self, SettingError> {
        Self::from_environment(service, |name| std::env::var(name).ok())
    }

    /// Reads an environment by a function that returns the value of a variable.
    ///
    /// # Errors
    /// Fails when a variable cannot be used, and names it.
    pub fn from_environment(
        service: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            settings: Settings::read(service, variable)?,
            is_json: true,
            writer: BoxMakeWriter::new(std::io::stdout),
        })
    }

    /// Sets what is logged where `RUST_LOG` does not say it, such as `warn` or `info,sqlx=warn`;
    /// default [`DEFAULT_LOG_FILTER`]. A charm gives a service no variable but its own, so there it
    /// has to come from an option.
    pub fn log_filter(mut self, filter: impl Into<String>) -> Self {
        self.settings.default_log_filter = filter.into();
        self
    }

    /// Writes logs as text for a terminal; default: one JSON object per line.
    pub fn text_logs(mut self) -> Self {
        self.is_json = false;
        self
    }

    /// Writes logs elsewhere than to the standard output.
    pub fn log_writer(mut self, writer: BoxMakeWriter) -> Self {
        self.writer = writer;
        self
    }

    /// Sets this up for the whole process, records of the crate `log` included.
    ///
    /// # Errors
    /// Fails when the process has a subscriber already, or the receiver cannot be asked at all.
    pub fn install(self) -> Result<TelemetryGuard, SettingError> {
        let (subscriber, guard) = self.subscriber()?;
        set_global_default(subscriber)
            .map_err(|error| SettingError::new("telemetry", error.to_string()))?;
        Ok(guard)
    }

    /// Makes the subscriber without setting it up.
    ///
    /// # Errors
    /// Fails when the receiver cannot be asked at all.
    pub fn subscriber(
        self,
    ) -> Result<(impl Subscriber + Send + Sync, TelemetryGuard), SettingError> {
        let provider = match &self.settings.traces {
            Some(traces) => Some(export::provider(&self.settings.service, traces)?),
            None => None,
        };
        let spans = provider.as_ref().map(|provider| {
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer(TRACER));
            layer.with_filter(exported())
        });
        let logs = tracing_subscriber::fmt::layer()
            .with_writer(self.writer)
            .with_span_events(FmtSpan::NONE);
        let logs = match self.is_json {
            true => logs
                .json()
                .flatten_event(true)
                .with_span_list(false)
                .boxed(),
            false => logs.boxed(),
        };
        let (source, filter) = self.settings.log_filter();
        let filter = EnvFilter::try_new(filter)
            .map_err(|error| SettingError::new(source, error.to_string()))?;
        let subscriber = Registry::default()
            .with(spans)
            .with(logs.with_filter(filter));
        Ok((subscriber, TelemetryGuard { provider }))
    }
}

/// Shows where to traces go, without what may be a secret.
impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry")
            .field("settings", &self.settings)
            .field("is_json", &self.is_json)
            .finish_non_exhaustive()
    }
}

/// Says which spans are exported: all down to INFO and those of requests, but none of what carries
/// them.
fn exported() -> Targets {
    Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target(REQUEST_SPANS, LevelFilter::DEBUG)
        .with_targets(CARRIERS.map(|name| (name, LevelFilter::OFF)))
}

/// Sends what is left when it is dropped, for [`FLUSH_TIMEOUT`] at the most.
#[must_use = "dropped at once it ends the export"]
pub struct TelemetryGuard {
    provider: Option<SdkTracerProvider>,
}

impl TelemetryGuard {
    /// Tells whether traces are exported.
    pub fn exports_traces(&self) -> bool {
        self.provider.is_some()
    }
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(provider) = &self.provider
            && let Err(error) = provider.shutdown_with_timeout(FLUSH_TIMEOUT)
        {
            tracing::warn!(%error, "the export of traces did not end in time");
        }
    }
}

impl fmt::Debug for TelemetryGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryGuard")
            .field("exports_traces", &self.exports_traces())
            .finish()
    }
}
