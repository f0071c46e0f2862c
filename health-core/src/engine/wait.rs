//! Waiting for results: never beyond the deadline of a run, nor beyond that of the answer.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};

use super::{Entry, Outcome, flight::Flight};

/// How long after its deadline a check is waited for that does not yield its thread.
pub(super) const UNYIELDING_GRACE: Duration = Duration::from_millis(25);

/// The result of one check, or where to wait for it.
pub(crate) enum Pending {
    Ready(Arc<Outcome>),
    Waiting(Wait),
}

/// Waits for a run until it should have ended, and knows what holds after that.
pub(crate) struct Wait {
    entry: Arc<Entry>,
    flight: Flight,
}

impl Wait {
    pub(super) fn new(flight: Flight, entry: &Arc<Entry>) -> Self {
        Self {
            entry: Arc::clone(entry),
            flight,
        }
    }

    async fn outcome(self, answer_deadline: Instant) -> Arc<Outcome> {
        let Self { entry, mut flight } = self;
        let is_nested = flight.is_nested();
        let until = flight.deadline() + UNYIELDING_GRACE;
        let landed = {
            // A reply may be awaited outside of every runtime; the timer is that of the run then.
            let run_on = flight.runtime.clone();
            let _entered = Handle::try_current().is_err().then(|| run_on.enter());
            timeout_at(until.min(answer_deadline), flight.landed())
        };
        let reason = match landed.await {
            Ok(Some(outcome)) => return outcome,
            Ok(None) => "the run was stopped before it had a result".to_owned(),
            // The run goes on, and what it finds decides.
            Err(_) if answer_deadline < until => {
                let reason = "gave no result before the answer had to leave";
                return entry.recount(Outcome::failed(reason));
            }
            Err(_) => format!(
                "gave no result within {} ms and did not yield: it blocks its thread",
                entry.settings().deadline.as_millis()
            ),
        };
        match is_nested {
            true => entry.recount(Outcome::failed(reason)),
            false => entry.failing_from_now(Outcome::failed(reason)),
        }
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
