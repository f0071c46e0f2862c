//! Counters of one check, for metrics.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Counts since the check was registered.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    runs: AtomicU64,
    failures: AtomicU64,
    coalesced: AtomicU64,
    cache_hits: AtomicU64,
    busy_micros: AtomicU64,
    is_slow: AtomicBool,
    is_blocking: AtomicBool,
}

impl Stats {
    pub(super) fn count_run(&self, duration: Duration, is_failure: bool) {
        self.runs.fetch_add(1, Relaxed);
        self.failures.fetch_add(is_failure.into(), Relaxed);
        let micros = duration.as_micros().try_into().unwrap_or(u64::MAX);
        self.busy_micros.fetch_add(micros, Relaxed);
    }

    pub(super) fn count_coalesced(&self) {
        self.coalesced.fetch_add(1, Relaxed);
    }

    pub(super) fn count_cache_hit(&self) {
        self.cache_hits.fetch_add(1, Relaxed);
    }

    /// Tells whether a check has just become slow, so that it is named once and not at each run.
    pub(super) fn turns_slow(&self, is_slow: bool) -> bool {
        !self.is_slow.swap(is_slow, Relaxed) && is_slow
    }

    /// Tells whether a check has just begun to block its thread.
    pub(super) fn turns_blocking(&self, is_blocking: bool) -> bool {
        !self.is_blocking.swap(is_blocking, Relaxed) && is_blocking
    }

    /// How often the check has run to an end.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Relaxed)
    }

    /// How many of the runs failed.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Relaxed)
    }

    /// How many questions waited for a run that another one had started.
    pub(crate) fn coalesced(&self) -> u64 {
        self.coalesced.load(Relaxed)
    }

    /// How many questions were answered from an earlier result.
    pub(crate) fn cache_hits(&self) -> u64 {
        self.cache_hits.load(Relaxed)
    }

    /// How long all runs took together.
    pub(crate) fn busy(&self) -> Duration {
        Duration::from_micros(self.busy_micros.load(Relaxed))
    }
}
