//! One check of the registry, its last outcome and its run under way, if any.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::{runtime::Handle, sync::watch, task::AbortHandle, time::Instant};

use super::{
    Outcome,
    events::Transition,
    judge::{Judge, is_failure},
    overdue,
    run::{self, Ran},
    settings::{Impact, Settings},
    shared::Shared,
    stats::Stats,
};
use crate::{Check, Health, Status, call::Call};

/// The setting of `FailsAfter` and the thresholds change what was found; this detail tells.
const RAW_STATUS: &str = "rawStatus";

/// Holds one check under its path in the tree, such as `pair/one`.
pub(crate) struct Entry {
    group: Option<String>,
    path: String,
    source: Source,
    settings: Settings,
    pub(crate) stats: Stats,
    state: Mutex<State>,
}

/// Says where the health of an entry comes from.
pub(crate) enum Source {
    /// A state that is there without a check, such as one that the application declares.
    State(Box<dyn Fn() -> Health + Send + Sync>),
    /// A check to run.
    Check(Arc<dyn Check>),
}

#[derive(Default)]
struct State {
    judge: Judge,
    latest: Option<Arc<Outcome>>,
    flight: Option<(Flight, AbortHandle)>,
    evidence: Option<Instant>,
    forced: Option<Forced>,
    is_disabled: bool,
    is_stale: bool,
}

/// Stands for the result of a check until a moment.
struct Forced {
    outcome: Arc<Outcome>,
    until: Option<Instant>,
}

/// A run under way; any number of questions wait for it.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) deadline: Instant,
    pub(super) runtime: Handle,
    result: watch::Receiver<Option<Arc<Outcome>>>,
}

pub(super) enum Joined {
    Started(Flight),
    UnderWay(Flight),
}

impl Entry {
    pub(crate) fn new(path: String, source: Source, settings: Settings) -> Arc<Self> {
        Self::of_group(None, path, source, settings)
    }

    /// Makes an entry that answers in one group only, in the place of the one at the same path.
    pub(crate) fn of_group(
        group: Option<&str>,
        path: String,
        source: Source,
        settings: Settings,
    ) -> Arc<Self> {
        let (stats, state) = Default::default();
        Arc::new(Self {
            group: group.map(str::to_owned),
            path,
            source,
            settings,
            stats,
            state,
        })
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the health of a state that is there without a check.
    pub(crate) fn declared(&self) -> Option<Health> {
        match &self.source {
            Source::State(state) => match self.known() {
                Some(known) => Some(known.health.clone()),
                None => Some(state()),
            },
            Source::Check(_) => None,
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the last outcome, whatever its age.
    pub(crate) fn latest(&self) -> Option<Arc<Outcome>> {
        self.state().latest.clone()
    }

    /// Returns what answers without a run: what an operator or the settings say, or that real
    /// traffic has shown the component to work.
    pub(super) fn known(&self) -> Option<Arc<Outcome>> {
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
    pub(super) fn spares_run(&self) -> Option<Option<Transition>> {
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

    pub(super) fn is_disabled(&self) -> bool {
        self.state().is_disabled
    }

    /// Notes that real traffic has just shown the component to work.
    pub(crate) fn note_success(&self) {
        self.state().evidence = Some(Instant::now());
    }

    pub(super) fn under_way(&self) -> Option<Flight> {
        let state = self.state();
        let flight = state.flight.as_ref().map(|(flight, _)| flight);
        flight.filter(|flight| flight.is_alive()).cloned()
    }

    pub(super) fn join_or_start(
        self: &Arc<Self>,
        check: &Arc<dyn Check>,
        runtime: &Handle,
        shared: &Arc<Shared>,
        call: Call,
    ) -> Joined {
        let mut state = self.state();
        if let Some((flight, _)) = &state.flight
            && flight.is_alive()
        {
            return Joined::UnderWay(flight.clone());
        }
        let (sender, result) = watch::channel(None);
        let flight = Flight {
            deadline: call.deadline(),
            runtime: runtime.clone(),
            result,
        };
        let entry = Arc::clone(self);
        let check = Arc::clone(check);
        let shared = Arc::clone(shared);
        let task = runtime.spawn(async move {
            let run = run::run(&entry, check.as_ref(), &shared, call);
            let ran = overdue::noting_polls(&entry.stats, run).await;
            entry
                .stats
                .count_run(ran.duration, is_failure(&ran.health.status));
            let (outcome, transition) = entry.land(ran);
            entry.state().flight = None;
            sender.send_replace(Some(outcome));
            if let Some(transition) = transition {
                shared.events.publish(transition);
            }
        });
        state.flight = Some((flight.clone(), task.abort_handle()));
        Joined::Started(flight)
    }

    /// Stops the run under way, if any.
    pub(crate) fn abort(&self) {
        if let Some((_, task)) = self.state().flight.take() {
            task.abort();
        }
    }

    /// Makes a result the last one.
    fn land(&self, ran: Ran) -> (Arc<Outcome>, Option<Transition>) {
        let Ran {
            mut health,
            duration,
        } = ran;
        let finished = Instant::now();
        let mut state = self.state();
        let effective = state.judge.judge(&health.status, &self.settings, finished);
        let counts_as = state
            .judge
            .counts_as(&effective, self.settings.impact, finished);
        if effective != health.status {
            health.details.insert(RAW_STATUS, health.status.code());
            health.status = effective;
        }
        let at = SystemTime::now();
        let outcome = Arc::new(Outcome {
            health,
            counts_as,
            finished,
            at,
            duration,
        });
        let before = state.latest.replace(Arc::clone(&outcome));
        let was_stale = std::mem::take(&mut state.is_stale);
        drop(state);
        let before = match before {
            Some(_) if was_stale => Some(Status::DOWN),
            before => before.map(|before| before.health.status.clone()),
        };
        let transition = Transition::between(&self.path, self.group.as_deref(), before, &outcome);
        (outcome, transition)
    }

    /// Notes that the last outcome is stale; the first time it is a transition.
    pub(super) fn turn_stale(&self, stale: &Outcome) -> Option<Transition> {
        let mut state = self.state();
        if std::mem::replace(&mut state.is_stale, true) {
            return None;
        }
        let before = state
            .latest
            .as_ref()
            .map(|latest| latest.health.status.clone());
        drop(state);
        Transition::between(&self.path, self.group.as_deref(), before, stale)
    }

    /// Returns an outcome with what it counts as by now.
    ///
    /// A failure that no run has found, such as a result that is too old, fails from the moment on
    /// at which it is first seen.
    pub(super) fn recount(&self, outcome: Arc<Outcome>) -> Arc<Outcome> {
        if self.settings.impact == Impact::Critical {
            return outcome;
        }
        let counts_as = {
            let status = &outcome.health.status;
            let judge = &mut self.state().judge;
            judge.counts_as_from(status, self.settings.impact, Instant::now())
        };
        if counts_as == outcome.counts_as {
            return outcome;
        }
        Arc::new(Outcome {
            counts_as,
            ..Outcome::clone(&outcome)
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("path", &self.path)
            .finish_non_exhaustive()
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

impl Flight {
    /// Waits for the outcome; nothing comes when the runtime of the run is gone.
    pub(super) async fn landed(&mut self) -> Option<Arc<Outcome>> {
        let result = self.result.wait_for(Option::is_some).await.ok()?;
        result.clone()
    }

    /// Tells whether an outcome is there or can still come.
    fn is_alive(&self) -> bool {
        self.result.has_changed().is_ok()
    }
}
