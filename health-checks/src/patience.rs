//! How long a check waits for its answer: a little less than the engine waits for the check.

use std::{error::Error, fmt, time::Duration};

use health_core::{Call, DEFAULT_DEADLINE};
use tokio::time::timeout;

/// The part of the time left, in percent, after which a check gives up by itself: the engine still
/// listens then, so that the reason is known and not only that the deadline is over.
const PATIENCE_PERCENT: u32 = 95;

/// Returns how long a check may wait from now on; outside of an engine, from
/// [`DEFAULT_DEADLINE`].
pub(crate) fn patience() -> Duration {
    let left = Call::current().map_or(DEFAULT_DEADLINE, |call| call.time_left());
    left * PATIENCE_PERCENT / 100
}

/// Waits for `answer` as long as there is [`patience`].
///
/// # Errors
/// Fails with what was waited for, such as `connection`, when it did not come.
#[allow(
    dead_code,
    reason = "drivers with time limits of their own take `patience` alone"
)]
pub(crate) async fn within<F: Future>(
    what: &'static str,
    answer: F,
) -> Result<F::Output, OutOfPatience> {
    let waited = patience();
    timeout(waited, answer)
        .await
        .map_err(|_| OutOfPatience { what, waited })
}

/// Says what did not come in time.
#[derive(Debug)]
pub(crate) struct OutOfPatience {
    what: &'static str,
    waited: Duration,
}

impl fmt::Display for OutOfPatience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} within {} ms", self.what, self.waited.as_millis())
    }
}

impl Error for OutOfPatience {}
