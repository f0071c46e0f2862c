//! Which requests leave no line in the access log.

use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use http::StatusCode;

use crate::{Management, Server};

/// Decides for the adapters' log filters: a successful request to an endpoint leaves no trace, one
/// that fails is logged like any other, and every other request is none of our business.
///
/// Reached by [`Management::no_log`]; each call counts, so there is one per application.
pub struct NoLog {
    is_off: AtomicBool,
    left_out: AtomicU64,
    summary: Option<Summary>,
}

struct Summary {
    interval: Duration,
    last: Mutex<Instant>,
}

impl NoLog {
    pub(crate) fn new(summary_interval: Option<Duration>) -> Self {
        Self {
            is_off: AtomicBool::new(false),
            left_out: AtomicU64::new(0),
            summary: summary_interval.map(|interval| Summary {
                interval,
                last: Mutex::new(Instant::now()),
            }),
        }
    }

    /// Switches all filters on or off at run time; they are on at first. Off, every probe is logged
    /// as the framework does it.
    pub fn set_enabled(&self, is_enabled: bool) {
        self.is_off.store(!is_enabled, Ordering::Release);
    }

    /// Tells whether the filters are on.
    pub fn is_enabled(&self) -> bool {
        !self.is_off.load(Ordering::Acquire)
    }

    /// Returns how many requests have been left out since the start.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// Decides on a request to an endpoint by its answer, and counts it when it is left out.
    pub fn leaves_out(&self, answer: StatusCode) -> bool {
        let is_success = answer == StatusCode::OK || answer == StatusCode::NOT_MODIFIED;
        if !is_success || !self.is_enabled() {
            return false;
        }
        let count = self.left_out.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(summary) = &self.summary
            && summary.is_due()
        {
            // It is of no request, so that no span of one gets it.
            tracing::info!(
                parent: None,
                left_out = count,
                "successful probes left out of the access log so far"
            );
        }
        true
    }
}

impl Summary {
    fn is_due(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = last.elapsed() >= self.interval;
        if is_due {
            *last = Instant::now();
        }
        is_due
    }
}

impl Management {
    /// Returns what decides which requests leave no line in the access log.
    pub fn no_log(&self) -> &NoLog {
        &self.0.no_log
    }

    /// Tells whether a path, whole and percent-encoded, is one of an endpoint: an adapter routes it
    /// here.
    pub fn has_path(&self, path: &str, server: Server) -> bool {
        self.target(path, server).is_some()
    }
}

impl fmt::Debug for NoLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoLog")
            .field("is_enabled", &self.is_enabled())
            .field("left_out", &self.left_out())
            .finish_non_exhaustive()
    }
}
