//! The result of one run of one check.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use crate::{Health, Status};

/// Holds a health, what it counts as, and when it was found. Never changes.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// With the effective status; the raw one, where it differs, is a detail.
    pub(crate) health: Health,
    /// What the status counts as in that of the whole.
    pub(crate) counts_as: Status,
    pub(crate) finished: Instant,
    pub(crate) at: SystemTime,
    /// How long the run took; zero where nothing was run.
    pub(crate) duration: Duration,
}

impl Outcome {
    pub(crate) fn now(health: Health) -> Arc<Self> {
        Arc::new(Self {
            counts_as: health.status.clone(),
            health,
            finished: Instant::now(),
            at: SystemTime::now(),
            duration: Duration::ZERO,
        })
    }

    pub(crate) fn failed(reason: impl Into<String>) -> Arc<Self> {
        Self::now(failure(reason))
    }

    /// Neither UP nor DOWN: the reason is part of the status, so that it is seen where details
    /// are hidden.
    pub(crate) fn not_asked(reason: impl Into<String>) -> Arc<Self> {
        Self::now(Health::unknown().description(reason))
    }

    /// Makes the outcome of a component that the check reported itself: it is as old as the whole.
    pub(crate) fn of_part(&self, part: &Health) -> Arc<Self> {
        Arc::new(Self {
            counts_as: part.status.clone(),
            health: part.clone(),
            ..*self
        })
    }

    pub(crate) fn age(&self) -> Duration {
        self.finished.elapsed()
    }

    /// Returns why the component fails, for the log and other places that show one line.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.health.reason()
    }
}

/// Makes the health of a check that gave none itself.
pub(super) fn failure(reason: impl Into<String>) -> Health {
    Health::down().detail("error", reason.into())
}
