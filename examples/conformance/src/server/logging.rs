//! Access logs on standard error, in the usual form of each framework.

use std::io;

use health_rocket::{NoLogFilter, RocketLog};
use log::{LevelFilter, SetLoggerError};
use tower_http::trace::{DefaultMakeSpan, DefaultOnResponse, HttpMakeClassifier, TraceLayer};
use tracing::Level;
use tracing_subscriber::fmt;

use super::Framework;

/// What is written about requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logging {
    /// Nothing: the framework's log is not even mounted.
    Off,
    /// Every request.
    All,
    /// Every request but successful probes.
    WithoutProbes,
}

/// Installs what writes the lines of a framework; once for the process, before the server starts.
///
/// # Errors
/// There is a logger already.
pub fn init(framework: Framework, logging: Logging) -> Result<(), super::BoxError> {
    match (framework, logging) {
        (_, Logging::Off) => Ok(()),
        (Framework::Rocket, logging) => Ok(init_rocket(logging)?),
        _ => fmt()
            .with_writer(io::stderr)
            .with_ansi(false)
            .with_max_level(Level::INFO)
            .try_init(),
    }
}

/// Rocket's own logger writes to standard output, where the addresses are; this one looks the same.
fn init_rocket(logging: Logging) -> Result<(), SetLoggerError> {
    match logging {
        Logging::WithoutProbes => NoLogFilter::new(RocketLog::stderr()).install()?,
        _ => log::set_boxed_logger(Box::new(RocketLog::stderr()))?,
    }
    log::set_max_level(LevelFilter::Info);
    Ok(())
}

/// Logs each answer at INFO with the request that it is to.
pub(super) fn trace_layer() -> TraceLayer<HttpMakeClassifier> {
    TraceLayer::new_for_http()
        .make_span_with(DefaultMakeSpan::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().level(Level::INFO))
}
