//! Which result a question gets: an earlier one, that of a run which it joins, or that of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::time::Instant;

use super::{
    Engine, Entry, Outcome, Pending, Question, Source,
    entry::{Joined, Seen},
    wait::Wait,
};
use crate::{Check, Health, Scope, call::Call, trail::Trail};

impl Engine {
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
        // Where no other application is asked, the answer is the same for everybody.
        let trail = match scope_of(check.as_ref()) {
            Scope::Application => question.trail.clone(),
            _ => Trail::default(),
        };
        if !trail.is_empty()
            && let Some(reason) = self.reason_not_to_ask(&trail)
        {
            return Pending::Ready(Outcome::not_asked(reason));
        }
        let is_in_background = entry.settings().refresh.is_some();
        match entry.seen() {
            Seen::Result(latest) => {
                if let Some(outcome) = self.still_good(entry, latest, &trail) {
                    return Pending::Ready(outcome);
                }
            }
            Seen::FirstRun(flight) if is_in_background && trail.is_empty() => {
                entry.stats.count_coalesced();
                return Pending::Waiting(Wait::new(flight, entry));
            }
            Seen::Nothing if is_in_background => return without_run(entry, "has not run yet"),
            Seen::FirstRun(_) | Seen::Nothing => {}
        }
        self.join_or_start(entry, check, &trail, question)
    }

    fn join_or_start(
        &self,
        entry: &Arc<Entry>,
        check: &Arc<dyn Check>,
        trail: &Trail,
        question: &Question,
    ) -> Pending {
        let Some(runtime) = self.runtime_for(question.is_from_outside) else {
            return without_run(entry, "there is no tokio runtime to run the check on");
        };
        let deadline = Instant::now() + entry.settings().deadline;
        let call = Call::new(trail.with(&self.name), deadline);
        let flight = match entry.join_or_start(check, &runtime, &self.shared, call) {
            Joined::Started(flight) => flight,
            Joined::UnderWay(flight) => {
                if trail.is_empty() {
                    entry.stats.count_coalesced();
                }
                flight
            }
            Joined::NoRoom => {
                let last = entry.latest().filter(|last| !trail.meets(&last.health.via));
                return Pending::Ready(match last {
                    Some(last) => entry.recount(last),
                    None => Outcome::not_asked(
                        "not asked: too many questions come through other applications",
                    ),
                });
            }
        };
        Pending::Waiting(Wait::new(flight, entry))
    }

    /// Returns the last result if it may still be used: within its TTL or, for a check in the
    /// background, whatever its age, since a stale one is a failure. One that rests on the opinion
    /// of who asks now is never used.
    fn still_good(
        &self,
        entry: &Entry,
        latest: Arc<Outcome>,
        trail: &Trail,
    ) -> Option<Arc<Outcome>> {
        if trail.meets(&latest.health.via) {
            return None;
        }
        if let Some(stale) = entry.stale(self.events()) {
            return Some(stale);
        }
        if entry.settings().refresh.is_none() && latest.age() >= entry.settings().ttl {
            return None;
        }
        entry.stats.count_cache_hit();
        Some(entry.recount(latest))
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
}

/// What holds for a check that cannot be run now.
fn without_run(entry: &Entry, reason: &'static str) -> Pending {
    let health = Health::out_of_service().description(reason);
    Pending::Ready(entry.failing_from_now(Outcome::now(health)))
}

/// Asks a check for its scope; one that panics counts as the kind that must not loop.
pub(crate) fn scope_of(check: &dyn Check) -> Scope {
    catch_unwind(AssertUnwindSafe(|| check.scope())).unwrap_or(Scope::Application)
}
