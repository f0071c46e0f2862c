//! The logger that stands before that of the application.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use log::{Log, Metadata, Record, SetLoggerError};

use super::{held, line::Line};

static IS_USED: AtomicBool = AtomicBool::new(false);

/// Tells whether there is any filter, without which nothing would hold lines.
pub(crate) fn is_used() -> bool {
    IS_USED.load(Ordering::Acquire)
}

/// A logger that leaves the lines of successful probes out and hands all others to another logger.
///
/// All lines that Rocket writes on a request to an endpoint wait until its outcome is known. They
/// are then dropped together, or handed on in their order when the request failed or one of them is
/// a warning or an error. What the application logs itself never waits, nor do other requests.
///
/// Make it before Rocket is ignited, and [`install`](Self::install) it before the first
/// `rocket::build()`, which installs Rocket's logger otherwise. What tells it the requests to the
/// endpoints is part of the fairing [`Endpoints`](crate::Endpoints); where those are mounted as
/// routes, attach [`log_fairing`](super::log_fairing).
///
/// ```
/// use health_rocket::{NoLogFilter, RocketLog};
///
/// # fn main() -> Result<(), log::SetLoggerError> {
/// let logger = RocketLog::stderr(); // any other: env_logger's, `tracing_log::LogTracer`, ...
/// log::set_max_level(log::LevelFilter::Info);
/// NoLogFilter::new(logger).install()?;
/// # Ok(())
/// # }
/// ```
///
/// No more than [`MAX_HELD_LINES`](super::MAX_HELD_LINES) of a request are held, and `flush` writes
/// what is.
///
/// At Rocket's log level `debug` one line stays: `received request`, which comes before the request
/// has a task.
pub struct NoLogFilter {
    inner: Arc<dyn Log>,
}

impl NoLogFilter {
    /// Makes a filter before a logger.
    pub fn new(inner: impl Log + 'static) -> Self {
        IS_USED.store(true, Ordering::Release);
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Makes this the logger of the process; the greatest level is left as it is, and is
    /// [`Off`](log::LevelFilter::Off) where nobody set it.
    ///
    /// # Errors
    /// When there is one already: after `rocket::build()`, Rocket's.
    pub fn install(self) -> Result<(), SetLoggerError> {
        log::set_boxed_logger(Box::new(self))
    }
}

impl Log for NoLogFilter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.inner.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if is_of_rocket(record.target()) && held::is_held() && self.enabled(record.metadata()) {
            held::hold(Line::new(record, &self.inner));
        } else {
            self.inner.log(record);
        }
    }

    fn flush(&self) {
        held::write_all();
        self.inner.flush();
    }
}

/// Tells Rocket's lines from the application's; those that Rocket indents have a target that ends
/// in `::_`.
fn is_of_rocket(target: &str) -> bool {
    target
        .strip_prefix("rocket")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

impl fmt::Debug for NoLogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoLogFilter")
    }
}

#[cfg(test)]
mod tests {
    use super::is_of_rocket;

    #[test]
    fn only_targets_of_rocket_itself_are_held() {
        let cases = [
            ("rocket", true),
            ("rocket::server", true),
            ("rocket::server::_", true),
            ("rocket::shield::shield", true),
            ("rocket_http::listener", false),
            ("rocketeer::pages", false),
            ("orders::rocket", false),
            ("", false),
        ];
        for (target, expected) in cases {
            assert_eq!(is_of_rocket(target), expected, "{target:?}");
        }
    }
}
