//! The runner: starts checks concurrently, each at most once at a time, answers from earlier
//! results where the settings allow it, and waits for no check beyond its deadline.

mod entry;
mod events;
mod judge;
mod outcome;
mod overdue;
mod run;
mod schedule;
mod settings;
mod shared;
mod stats;
mod wait;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use tokio::{runtime::Handle, sync::Semaphore, time::Instant};

use self::{entry::Joined, shared::Shared, wait::Wait};
pub(crate) use self::{
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
use crate::{
    Check, Health, Scope,
    call::Call,
    trail::{MAX_TRAIL_NAMES, Trail},
};

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
            permits: Arc::new(Semaphore::new(
                bounds.concurrency.min(Semaphore::MAX_PERMITS),
            )),
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

    /// Starts the checks of all entries, joins the runs that are under way, or answers from
    /// earlier results.
    pub(crate) fn start(&self, entries: &[Arc<Entry>], question: &Question) -> Vec<Pending> {
        if !question.is_from_outside {
            self.schedule.keep_running();
        }
        entries
            .iter()
            .map(|entry| self.start_one(entry, question))
            .collect()
    }

    fn start_one(&self, entry: &Arc<Entry>, question: &Question) -> Pending {
        if let Some(known) = entry.known() {
            return Pending::Ready(known);
        }
        let check = match entry.source() {
            Source::State(state) => return Pending::Ready(Outcome::now(state())),
            Source::Check(check) => check,
        };
        let is_nested =
            !question.trail.is_empty() && scope_of(check.as_ref()) == Scope::Application;
        if is_nested && let Some(reason) = self.reason_not_to_ask(&question.trail) {
            return Pending::Ready(Outcome::not_asked(reason));
        }
        if let Some(outcome) = self.earlier_result(entry, question, is_nested) {
            return Pending::Ready(outcome);
        }
        let joined = match entry.settings().refresh {
            None => self.join_or_start(entry, check, question),
            Some(_) => entry
                .under_way()
                .map(Joined::UnderWay)
                .ok_or("has not run yet"),
        };
        match joined {
            Ok(Joined::Started(flight)) => Pending::Waiting(Wait::to_the_end(flight, entry)),
            Ok(Joined::UnderWay(flight)) => {
                entry.stats.count_coalesced();
                Pending::Waiting(if is_nested {
                    Wait::at_most_half(flight, entry, question)
                } else {
                    Wait::to_the_end(flight, entry)
                })
            }
            Err(reason) => {
                let health = Health::out_of_service().description(reason);
                Pending::Ready(entry.recount(Outcome::now(health)))
            }
        }
    }

    /// Returns the last result if it may still be used: within its TTL or, for a check in the
    /// background, whatever its age, since a stale one is a failure.
    fn earlier_result(
        &self,
        entry: &Entry,
        question: &Question,
        is_nested: bool,
    ) -> Option<Arc<Outcome>> {
        let latest = entry.latest()?;
        let age = latest.age();
        if is_nested && question.trail.meets(&latest.health.via) {
            let is_kept = entry.settings().refresh.is_some();
            return is_kept
                .then(|| Outcome::not_asked("not asked: its last result rests on who asks now"));
        }
        match entry.settings().stale_after() {
            None if age >= entry.settings().ttl => return None,
            Some(limit) if age > limit => return Some(self.stale(entry, age, limit)),
            _ => {}
        }
        entry.stats.count_cache_hit();
        Some(entry.recount(latest))
    }

    fn stale(&self, entry: &Entry, age: Duration, limit: Duration) -> Arc<Outcome> {
        let outcome = Outcome::failed(format!(
            "stale: the last result is {} ms old and may be {} ms old at the most",
            age.as_millis(),
            limit.as_millis()
        ));
        if let Some(transition) = entry.turn_stale(&outcome) {
            self.shared.events.publish(transition);
        }
        entry.recount(outcome)
    }

    fn join_or_start(
        &self,
        entry: &Arc<Entry>,
        check: &Arc<dyn Check>,
        question: &Question,
    ) -> Result<Joined, &'static str> {
        let runtime = match question.is_from_outside {
            true => self.schedule.home(),
            false => Handle::try_current().ok(),
        };
        let runtime = runtime.ok_or("there is no tokio runtime to run the check on")?;
        let call = Call::new(
            question.trail.with(&self.name),
            Instant::now() + entry.settings().deadline,
        );
        Ok(entry.join_or_start(check, &runtime, &self.shared, call))
    }

    fn reason_not_to_ask(&self, trail: &Trail) -> Option<String> {
        if trail.contains(&self.name) {
            Some(format!(
                "not asked: the question came round in a loop, {trail} -> {}",
                self.name
            ))
        } else if trail.len() >= self.max_hops {
            Some(format!(
                "not asked: the question already came over {} hops, {trail}",
                trail.len()
            ))
        } else {
            None
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

/// Asks a check for its scope; one that panics counts as the kind that must not loop.
fn scope_of(check: &dyn Check) -> Scope {
    catch_unwind(AssertUnwindSafe(|| check.scope())).unwrap_or(Scope::Application)
}
