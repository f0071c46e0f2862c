//! Waiting for results: never beyond the deadline of a run, nor beyond that of the answer.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};

use super::{Entry, Outcome, Question, entry::Flight};

/// How long after its deadline a check is waited for that does not yield its thread.
pub(super) const UNYIELDING_GRACE: Duration = Duration::from_millis(25);

/// The result of one check, or where to wait for it.
pub(crate) enum Pending {
    Ready(Arc<Outcome>),
    Waiting(Wait),
}

/// Waits for a run, up to a moment, and knows what holds after that.
pub(crate) struct Wait {
    entry: Arc<Entry>,
    flight: Flight,
    until: Instant,
    otherwise: Arc<Outcome>,
}

impl Wait {
    pub(super) fn to_the_end(flight: Flight, entry: &Arc<Entry>) -> Self {
        let until = flight.deadline + UNYIELDING_GRACE;
        let otherwise = Outcome::failed(format!(
            "gave no result within {} ms and did not yield: it blocks its thread",
            entry.settings().deadline.as_millis()
        ));
        Self {
            entry: Arc::clone(entry),
            flight,
            until,
            otherwise,
        }
    }

    /// Waits for another question's run no longer than half of the time there is: should the two
    /// questions wait for each other around a circle of applications, both still end in time.
    pub(super) fn at_most_half(flight: Flight, entry: &Arc<Entry>, question: &Question) -> Self {
        let now = Instant::now();
        let left = flight.deadline.saturating_duration_since(now);
        let left = question.budget.map_or(left, |budget| budget.min(left));
        let latest = entry.latest().filter(|latest| {
            latest.age() < entry.settings().deadline * 2
                && !question.trail.meets(&latest.health.via)
        });
        let otherwise = latest.unwrap_or_else(|| {
            Outcome::not_asked("not known yet: another question to it is under way")
        });
        Self {
            entry: Arc::clone(entry),
            flight,
            until: now + left / 2,
            otherwise,
        }
    }

    async fn outcome(self, answer_deadline: Instant) -> Arc<Outcome> {
        let Self {
            entry,
            mut flight,
            until,
            otherwise,
        } = self;
        let landed = {
            // A reply may be awaited outside of every runtime; the timer is that of the run then.
            let run_on = flight.runtime.clone();
            let _entered = Handle::try_current().is_err().then(|| run_on.enter());
            timeout_at(until.min(answer_deadline), flight.landed())
        };
        let outcome = match landed.await {
            Ok(Some(outcome)) => return outcome,
            Ok(None) => Outcome::failed("the run was stopped before it had a result"),
            Err(_) if answer_deadline < until => {
                Outcome::failed("gave no result before the answer had to leave")
            }
            Err(_) => otherwise,
        };
        entry.recount(outcome)
    }
}

impl Pending {
    /// Returns the outcomes at once, if nothing has to be waited for.
    pub(crate) fn all_ready(pending: Vec<Self>) -> Result<Vec<Arc<Outcome>>, Vec<Self>> {
        if pending
            .iter()
            .any(|pending| matches!(pending, Self::Waiting(_)))
        {
            return Err(pending);
        }
        let ready = pending.into_iter().filter_map(|pending| match pending {
            Self::Ready(outcome) => Some(outcome),
            Self::Waiting(_) => None,
        });
        Ok(ready.collect())
    }

    /// Waits for all results, at most until the answer must leave.
    pub(crate) async fn outcomes(
        pending: Vec<Self>,
        answer_deadline: Instant,
    ) -> Vec<Arc<Outcome>> {
        let mut outcomes = Vec::with_capacity(pending.len());
        for pending in pending {
            outcomes.push(match pending {
                Self::Ready(outcome) => outcome,
                Self::Waiting(wait) => wait.outcome(answer_deadline).await,
            });
        }
        outcomes
    }
}
