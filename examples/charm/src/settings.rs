//! What the operator sets.

use std::{num::NonZeroU32, path::PathBuf, str::FromStr};

use health_checks::{
    SettingError, Telemetry, TelemetryGuard,
    platform::{Environment, Problem},
};
use health_core::Show;
use tracing::level_filters::LevelFilter;

/// The prefix of charms of the go framework; variables of other frameworks mean other programs.
const PREFIX: &str = "APP";

const DEFAULT_PORT: u16 = 8080;
const DEFAULT_METRICS_PATH: &str = "/metrics";
const DEFAULT_GREETING: &str = "hello";
const DEFAULT_PAGE_SIZE: i64 = 20;
const DEFAULT_LOG_LEVEL: LevelFilter = LevelFilter::INFO;

/// The settings of all services; what is missing or cannot be read has a default, and is told in the
/// log and, where a variable of the platform is wrong, on `/z/info`.
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
    log_level: LevelFilter,
    problems: Vec<Problem>,
}

impl Settings {
    pub(crate) fn of(environment: &Environment) -> Self {
        let environment = environment.clone().prefix(PREFIX);
        let port = environment.port().unwrap_or(DEFAULT_PORT);
        let metrics_path = environment.metrics_path().unwrap_or(DEFAULT_METRICS_PATH);
        let mut problems = environment.problems().to_vec();
        Self {
            port,
            metrics_port: environment.metrics_port().filter(|own| *own != port),
            metrics_path: metrics_path.to_owned(),
            details: match option(&environment, "health-details", &mut problems) {
                Some(true) => Show::Always,
                _ => Show::Never,
            },
            greeting: option(&environment, "greeting", &mut problems)
                .unwrap_or_else(|| DEFAULT_GREETING.to_owned()),
            page_size: option(&environment, "page-size", &mut problems)
                .map_or(DEFAULT_PAGE_SIZE, |size: NonZeroU32| size.get().into()),
            log_level: option(&environment, "log-level", &mut problems)
                .unwrap_or(DEFAULT_LOG_LEVEL),
            problems,
        }
    }

    /// Sets up logs and traces for a service of this name, and tells what could not be read.
    pub(crate) fn telemetry(&self, service: &str) -> Result<TelemetryGuard, SettingError> {
        let telemetry = Telemetry::from_process(service)?;
        let guard = telemetry.log_filter(self.log_level.to_string()).install()?;
        for problem in &self.problems {
            tracing::warn!(%problem, "a variable cannot be read");
        }
        Ok(guard)
    }
}

/// Reads an option; a wrong one is a problem, and counts as absent.
fn option<T: FromStr>(
    environment: &Environment,
    name: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let read = environment.option(name)?.parse();
    read.map_err(|problem| problems.push(problem)).ok()
}

/// Where a service that listens on nothing shows that it is well.
pub(crate) fn heartbeat_file(service: &str) -> PathBuf {
    std::env::temp_dir().join(format!("example-charm-{service}.health"))
}
