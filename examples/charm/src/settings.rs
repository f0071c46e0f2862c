//! What the operator sets.

use std::path::PathBuf;

use health_checks::platform::Environment;
use health_core::Show;

/// The prefix of charms of the go framework; variables of other frameworks mean other programs.
const PREFIX: &str = "APP";

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_METRICS_PATH: &str = "/metrics";
const DEFAULT_GREETING: &str = "hello";
const DEFAULT_PAGE_SIZE: i64 = 20;

/// The settings of all services; what is missing or cannot be read has a default, and shows as a
/// problem on `/z/info`.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    /// Where the metrics are, when that is not the port of the application.
    pub(crate) metrics_port: Option<u16>,
    pub(crate) metrics_path: String,
    /// Who sees why something is DOWN; nobody by default, as the port may be open to the world.
    pub(crate) details: Show,
    pub(crate) greeting: String,
    pub(crate) page_size: i64,
}

impl Settings {
    pub(crate) fn of(environment: &Environment) -> Self {
        let environment = environment.clone().prefix(PREFIX);
        let port = environment.port().unwrap_or(DEFAULT_PORT);
        let metrics_path = environment.metrics_path().unwrap_or(DEFAULT_METRICS_PATH);
        let greeting = environment.option("greeting");
        let page_size = environment.option("page-size");
        let details = environment.option("health-details");
        Self {
            port,
            metrics_port: environment.metrics_port().filter(|own| *own != port),
            metrics_path: metrics_path.to_owned(),
            details: match details.map(|show| show.bool()) {
                Some(Ok(true)) => Show::Always,
                _ => Show::Never,
            },
            greeting: greeting.map_or_else(
                || DEFAULT_GREETING.to_owned(),
                |text| text.text().expose().clone(),
            ),
            page_size: page_size
                .and_then(|size| size.int().ok())
                .filter(|size| *size > 0)
                .unwrap_or(DEFAULT_PAGE_SIZE),
        }
    }
}

/// Where a service that listens on nothing shows that it is well.
pub(crate) fn heartbeat_file(service: &str) -> PathBuf {
    std::env::temp_dir().join(format!("example-charm-{service}.health"))
}
