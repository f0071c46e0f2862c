//! What is known of the runs of one job.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) made: Instant,
    pub(super) success: Option<End>,
    pub(super) failure: Option<End>,
    /// Why the last failure was one.
    pub(super) reason: Option<String>,
    /// Failures since the last success.
    pub(super) failures: u32,
    /// When each run under way began, by its number.
    pub(super) running: BTreeMap<u64, Instant>,
    pub(super) file_error: Option<String>,
}

impl Default for History {
    fn default() -> Self {
        Self {
            made: Instant::now(),
            success: None,
            failure: None,
            reason: None,
            failures: 0,
            running: BTreeMap::new(),
            file_error: None,
        }
    }
}

impl History {
    /// Returns for how long the oldest run under way has been running.
    pub(super) fn running_for(&self) -> Option<Duration> {
        self.running.values().min().map(Instant::elapsed)
    }

    pub(super) fn succeeded(&mut self, took: Duration) {
        self.success = Some(End::now(took));
        self.failures = 0;
    }

    pub(super) fn failed(&mut self, took: Duration, reason: String) {
        self.failure = Some(End::now(took));
        self.failures = self.failures.saturating_add(1);
        self.reason = Some(reason);
    }
}

/// The end of one run. Its age goes on by the monotonic clock, whatever becomes of the other.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) at: SystemTime,
    pub(super) took: Duration,
    known: Instant,
    age_when_known: Duration,
}

impl End {
    fn now(took: Duration) -> Self {
        Self {
            at: SystemTime::now(),
            took,
            known: Instant::now(),
            age_when_known: Duration::ZERO,
        }
    }

    /// Makes the end of a run of an earlier process; one that lies in the future counts as of now.
    pub(super) fn then(at: SystemTime, took: Duration) -> Self {
        Self {
            at,
            age_when_known: at.elapsed().unwrap_or_default(),
            ..Self::now(took)
        }
    }

    pub(super) fn age(&self) -> Duration {
        self.known.elapsed().saturating_add(self.age_when_known)
    }
}
