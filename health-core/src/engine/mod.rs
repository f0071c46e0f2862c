//! The runner: starts checks concurrently, each at most once at a time and along each trail, answers
//! from earlier results where the settings allow it, and waits for no check beyond its deadline.

mod ask;
mod entry;
mod events;
mod flight;
mod judge;
mod outcome;
mod overdue;
mod run;
mod schedule;
mod settings;
mod shared;
mod stats;
mod wait;

use std::{sync::Arc, time::Duration};

use tokio::{runtime::Handle, sync::Semaphore, time::Instant};

use self::shared::Shared;
pub(crate) use self::{
    ask::scope_of,
    entry::{Entry, Source},
    events::Events,
    outcome::Outcome,
    run::PANICKED,
    schedule::Schedule,
    settings::Settings,
    wait::Pending,
};
pub use self::{
    events::{DEFAULT_TRANSITIONS_KEPT, Transition},
    run::DEFAULT_POLL_BUDGET,
    settings::{
        DEFAULT_DEADLINE, DEFAULT_FAILURE_THRESHOLD, DEFAULT_INTERVAL, DEFAULT_JITTER_PERCENT,
        DEFAULT_SLOW_AFTER, DEFAULT_STALE_INTERVALS, DEFAULT_SUCCESS_THRESHOLD, DEFAULT_TTL,
        Impact, Refresh,
    },
};
use crate::trail::{MAX_TRAIL_NAMES, Trail};

/// What an answer may take longer than the longest deadline of the checks it asks, unless
/// [`Builder::answer_deadline`](crate::Builder::answer_deadline) is set.
pub const DEFAULT_ANSWER_MARGIN: Duration = Duration::from_millis(100);

/// How many checks run at once; the others wait, within their deadlines. Enough that checks which
/// wait for a network do not wait for each other, and few enough to bound what a burst costs. Set
/// by [`Builder::concurrency`](crate::Builder::concurrency).
pub const DEFAULT_CONCURRENCY: usize = 512;

/// The largest size of what one check may report, in bytes on the wire; of a larger one the status
/// stays and the details and components are left out. Set by
/// [`Builder::details_limit_bytes`](crate::Builder::details_limit_bytes).
pub const DEFAULT_DETAILS_LIMIT_BYTES: usize = 64 * 1024;

/// The bounds on the work of an engine.
pub(crate) struct Bounds {
    pub(crate) max_hops: usize,
    pub(crate) answer_deadline: Option<Duration>,
    pub(crate) concurrency: usize,
    pub(crate) details_limit_bytes: usize,
    pub(crate) transitions_kept: usize,
}

/// Runs the checks of one application.
pub(crate) struct Engine {
    name: Arc<str>,
    max_hops: usize,
    answer_deadline: Option<Duration>,
    shared: Arc<Shared>,
    schedule: Arc<Schedule>,
}

/// Holds what one question to the endpoints brings along.
#[derive(Clone, Debug, Default)]
pub(crate) struct Question {
    /// The applications through which the question came.
    pub(crate) trail: Trail,
    /// How long the asker waits.
    pub(crate) budget: Option<Duration>,
    /// That the question came on a runtime which is not the application's, on which no check runs.
    pub(crate) is_from_outside: bool,
}

impl Engine {
    pub(crate) fn new(name: &str, bounds: &Bounds) -> Self {
        let name: Arc<str> = name.into();
        let shared = Arc::new(Shared {
            permits: Semaphore::new(bounds.concurrency.min(Semaphore::MAX_PERMITS)),
            details_limit_bytes: bounds.details_limit_bytes,
            events: Events::new(bounds.transitions_kept),
        });
        Self {
            max_hops: bounds.max_hops.min(MAX_TRAIL_NAMES),
            answer_deadline: bounds.answer_deadline,
            schedule: Arc::new(Schedule::new(&name, &shared)),
            name,
            shared,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn events(&self) -> &Events {
        &self.shared.events
    }

    pub(crate) fn schedule(&self) -> &Arc<Schedule> {
        &self.schedule
    }

    /// Tells whether the application's runtime is known.
    pub(crate) fn has_home(&self) -> bool {
        self.schedule.home().is_some()
    }

    /// Returns where code of the application runs for a question: never on a runtime of our own that
    /// the question came on.
    pub(crate) fn runtime_for(&self, is_from_outside: bool) -> Option<Handle> {
        match is_from_outside {
            true => self.schedule.home(),
            false => Handle::try_current().ok(),
        }
    }

    /// Returns the deadline of answers where one was set.
    pub(crate) fn set_answer_deadline(&self) -> Option<Duration> {
        self.answer_deadline
    }

    /// Returns when an answer must leave that rests on these entries.
    pub(crate) fn answer_deadline(&self, entries: &[Arc<Entry>], question: &Question) -> Instant {
        let longest = entries.iter().map(|entry| entry.settings().deadline).max();
        let allowed = self
            .answer_deadline
            .unwrap_or(longest.unwrap_or_default() + DEFAULT_ANSWER_MARGIN);
        Instant::now()
            + question
                .budget
                .map_or(allowed, |budget| budget.min(allowed))
    }
}
