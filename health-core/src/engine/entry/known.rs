//! What answers in the place of a run: an operator's word, the settings, or real traffic.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{Entry, State};
use crate::{
    Health, Status,
    engine::{Impact, Outcome, Settings, events::Transition, run::Ran},
};

/// Stands for the result of a check until a moment.
pub(super) struct Forced {
    outcome: Arc<Outcome>,
    until: Option<Instant>,
}

impl Entry {
    /// Returns what answers without a run: what an operator or the settings say, or that real
    /// traffic has shown the component to work.
    pub(in crate::engine) fn known(&self) -> Option<Arc<Outcome>> {
        let mut state = self.state();
        if let Some(forced) = &state.forced {
            if forced.until.is_none_or(|until| Instant::now() < until) {
                return Some(Arc::clone(&forced.outcome));
            }
            state.forced = None;
        }
        if state.is_disabled {
            return Some(Outcome::not_asked("disabled"));
        }
        state
            .has_evidence(&self.settings)
            .then(|| Outcome::now(proven_by_traffic()))
    }

    /// Takes the place of a run in the background where none is needed; a disabled check is not run
    /// at all, and one that real traffic has shown to work has a result without it.
    pub(in crate::engine) fn spares_run(&self) -> Option<Option<Transition>> {
        let state = self.state();
        if state.is_disabled {
            return Some(None);
        }
        let has_evidence = state.has_evidence(&self.settings);
        drop(state);
        let ran = Ran {
            health: proven_by_traffic(),
            duration: Duration::ZERO,
        };
        has_evidence.then(|| self.land(ran).1)
    }

    /// Puts an outcome in the place of the check's, or takes it away.
    pub(crate) fn force(&self, forced: Option<(Health, Option<Instant>)>) {
        let is_shown_only = self.settings.impact == Impact::NonCritical;
        let forced = forced.map(|(health, until)| {
            let mut outcome = Outcome::now(health);
            if is_shown_only {
                Arc::make_mut(&mut outcome).counts_as = Status::UP;
            }
            Forced { outcome, until }
        });
        self.state().forced = forced;
    }

    /// Sees to it that the check is never run, and shown as disabled.
    pub(crate) fn disable(&self) {
        self.state().is_disabled = true;
    }

    pub(in crate::engine) fn is_disabled(&self) -> bool {
        self.state().is_disabled
    }

    /// Notes that real traffic has just shown the component to work.
    pub(crate) fn note_success(&self) {
        self.state().evidence = Some(Instant::now());
    }
}

impl State {
    /// Tells whether real traffic has succeeded within the time set, and after the last run.
    fn has_evidence(&self, settings: &Settings) -> bool {
        let is_newer = |evidence: &Instant| {
            let latest = self.latest.as_ref();
            latest.is_none_or(|latest| latest.duration.is_zero() || latest.finished <= *evidence)
        };
        let evidence = self.evidence.filter(is_newer);
        evidence.is_some_and(|evidence| evidence.elapsed() < settings.evidence_ttl)
    }
}

fn proven_by_traffic() -> Health {
    Health::up().detail("evidence", "traffic")
}
