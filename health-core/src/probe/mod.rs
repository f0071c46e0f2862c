//! The probe that an application makes of itself, for containers without `curl`.
//!
//! The same binary that serves has a sub-command, `healthcheck` say, that asks the server and ends
//! with 0 or 1: `HEALTHCHECK CMD ["/orders", "healthcheck"]` in a Dockerfile, or `exec` in a
//! Kubernetes probe. It uses the standard library only, so it starts and ends in a few milliseconds.
//!
//! ```no_run
//! use std::process::ExitCode;
//! use health_core::probe::SelfProbe;
//!
//! fn main() -> ExitCode {
//!     let listen = std::env::var("LISTEN").unwrap_or_else(|_| "0.0.0.0:8080".to_owned());
//!     if std::env::args().nth(1).as_deref() == Some("healthcheck") {
//!         return SelfProbe::new(listen).exit_code();
//!     }
//!     // serve on `listen` ...
//!     ExitCode::SUCCESS
//! }
//! ```

mod answer;
mod error;
mod exchange;
mod file;

use std::{io::Write, process::ExitCode, time::Duration};

pub use self::{error::ProbeError, file::heartbeat_file_is_fresh};
use crate::{DEFAULT_BASE_PATH, READINESS};

/// The longest wait for the whole probe: longer than an answer at the default deadline of a check
/// takes, and shorter than the 1 s that a kubelet gives an `exec` probe by default. Docker waits 30 s.
/// Set by [`SelfProbe::deadline`].
pub const DEFAULT_PROBE_DEADLINE: Duration = Duration::from_millis(920);

/// Asks a group of the application that serves at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is asked until `run` or `exit_code` is called"]
pub struct SelfProbe {
    address: String,
    base_path: String,
    group: String,
    deadline: Duration,
}

impl SelfProbe {
    /// Names the application by the address on which it listens, as `host:port`.
    ///
    /// A wildcard such as `0.0.0.0:8080`, `[::]:8080` or `:8080` means this machine.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            base_path: DEFAULT_BASE_PATH.to_owned(),
            group: READINESS.to_owned(),
            deadline: DEFAULT_PROBE_DEADLINE,
        }
    }

    /// Sets the path below which the endpoints are; default [`DEFAULT_BASE_PATH`].
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = path.into();
        self
    }

    /// Sets the group that is asked; default [`READINESS`], since what waits for a container to be
    /// healthy, such as `depends_on` in a compose file, wants to use it. For an `exec` liveness probe
    /// of Kubernetes say [`LIVENESS`](crate::LIVENESS).
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }

    /// Sets the longest wait for the whole probe; default [`DEFAULT_PROBE_DEADLINE`].
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Asks, and blocks the thread until the answer is there or the deadline is over.
    ///
    /// # Errors
    /// The application cannot be reached, answers with a code that is not 2xx, or answers what is
    /// no health: each with the reason.
    pub fn run(&self) -> Result<(), ProbeError> {
        exchange::exchange(self)?.verdict()
    }

    /// Asks and makes the exit code of a `healthcheck` sub-command: 0 when all is well, else 1 with
    /// the reason on the standard error output, which `docker inspect` and Kubernetes' events show.
    pub fn exit_code(&self) -> ExitCode {
        exit_code(self.run())
    }
}

/// Makes the exit code of a `healthcheck` sub-command from a result, as [`SelfProbe::exit_code`] does.
pub fn exit_code(result: Result<(), ProbeError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where nobody reads the reason the code still tells.
            _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}
