//! The time that one run has, shared out among its steps.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::{patience::patience, sql::Failure};

/// The part of the time left, in percent, after which the server ends a query: a little before
/// nobody listens any more, so that nothing goes on there for nobody.
#[cfg(feature = "_query")]
const SERVER_SHARE_PERCENT: u32 = 90;

/// When a run gives up.
#[derive(Clone, Copy)]
pub(crate) struct Time {
    ends: Instant,
}

impl Time {
    /// Begins a run.
    pub(crate) fn begin() -> Self {
        Self {
            ends: Instant::now() + patience(),
        }
    }

    /// Returns what is left.
    pub(crate) fn left(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }

    /// Returns after how many milliseconds the server ends a query, at least one.
    #[cfg(feature = "_query")]
    pub(crate) fn for_server_ms(&self) -> u128 {
        (self.left() * SERVER_SHARE_PERCENT / 100)
            .as_millis()
            .max(1)
    }

    /// Waits for an answer until the end.
    ///
    /// # Errors
    /// Fails with what was waited for when it did not come.
    pub(crate) async fn within<F: Future>(
        &self,
        what: &str,
        answer: F,
    ) -> Result<F::Output, Failure> {
        let left = self.left();
        timeout(left, answer).await.map_err(|_| {
            let waited = left.as_millis();
            Failure::down(format!("no {what} within {waited} ms"))
        })
    }
}
