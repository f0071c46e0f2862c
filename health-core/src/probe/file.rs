//! Reads the heartbeat file of a worker.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use super::error::{ProbeError, printable};
use crate::file_heartbeat;

/// Tells whether a worker is well by its [heartbeat file](crate::HeartbeatFile), no older than an
/// age (exclusive), such as [`DEFAULT_FILE_MAX_AGE`](crate::DEFAULT_FILE_MAX_AGE); for a
/// `healthcheck` sub-command:
///
/// ```no_run
/// use std::process::ExitCode;
/// use health_core::{DEFAULT_FILE_MAX_AGE, probe};
///
/// fn healthcheck() -> ExitCode {
///     probe::exit_code(probe::heartbeat_file_is_fresh("/run/worker.health", DEFAULT_FILE_MAX_AGE))
/// }
/// ```
///
/// # Errors
/// The file cannot be read, says that the worker is not well, or is too old.
pub fn heartbeat_file_is_fresh(
    path: impl AsRef<Path>,
    max_age: Duration,
) -> Result<(), ProbeError> {
    let path = path.as_ref();
    let line = file_heartbeat::read(path).map_err(|error| {
        ProbeError::io(
            format!("the heartbeat file `{}` cannot be read", path.display()),
            error,
        )
    })?;
    if !line.is_well {
        return Err(ProbeError::new(format!(
            "the worker is {}",
            printable(&line.status)
        )));
    }
    // A clock that was set back leaves a time to come: as fresh as can be told.
    let age = SystemTime::now()
        .duration_since(line.at)
        .unwrap_or_default();
    if age < max_age {
        return Ok(());
    }
    let (age, max_age) = (age.as_millis(), max_age.as_millis());
    Err(ProbeError::new(format!(
        "the last heartbeat is {age} ms old and may be {max_age} ms old at the most"
    )))
}
