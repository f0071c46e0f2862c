//! Times as details show them.

use std::time::Duration;

/// Returns a time as a detail shows it, in whole milliseconds, rounded down.
#[allow(dead_code, reason = "not every check measures")]
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
