//! One check of the registry, its last outcome and its runs under way, if any.

mod known;
mod stale;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{runtime::Handle, time::Instant};

use self::known::Forced;
use super::{
    Outcome,
    events::Transition,
    flight::{Flight, Flights, Pilot},
    judge::{Judge, is_failure},
    overdue::noting_polls,
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
    flights: Flights,
    evidence: Option<Instant>,
    forced: Option<Forced>,
    is_disabled: bool,
    is_stale: bool,
}

/// What there is of a check without a new run.
pub(super) enum Seen {
    Result(Arc<Outcome>),
    /// The first run, for everybody, is under way.
    FirstRun(Flight),
    Nothing,
}

/// What has come of asking for a run.
pub(super) enum Joined {
    Started(Flight),
    UnderWay(Flight),
    /// As many are under way as may be.
    NoRoom,
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

    pub(super) fn seen(&self) -> Seen {
        let state = self.state();
        match (&state.latest, state.flights.plain()) {
            (Some(latest), _) => Seen::Result(Arc::clone(latest)),
            (None, Some(flight)) => Seen::FirstRun(flight.clone()),
            (None, None) => Seen::Nothing,
        }
    }

    pub(super) fn under_way(&self) -> Vec<Flight> {
        self.state().flights.alive().cloned().collect()
    }

    /// Joins the run that gives what the call asks for, or starts it.
    pub(super) fn join_or_start(
        self: &Arc<Self>,
        check: &Arc<dyn Check>,
        runtime: &Handle,
        shared: &Arc<Shared>,
        call: Call,
    ) -> Joined {
        let mut state = self.state();
        if let Some(flight) = state.flights.like(&call) {
            return Joined::UnderWay(flight.clone());
        }
        if !state.flights.have_room_for(&call) {
            return Joined::NoRoom;
        }
        let (entry, check, shared) = (Arc::clone(self), Arc::clone(check), Arc::clone(shared));
        let flight = Flight::start(runtime, call.clone(), |pilot| {
            entry.fly(check, shared, call, pilot)
        });
        state.flights.add(flight.clone());
        Joined::Started(flight)
    }

    /// Runs the check. What is found along a trail is not all that there is to find: it is for
    /// those who asked, and leaves no trace.
    async fn fly(
        self: Arc<Self>,
        check: Arc<dyn Check>,
        shared: Arc<Shared>,
        call: Call,
        pilot: Pilot,
    ) {
        let is_nested = call.is_nested();
        let run = run::run(&self, check.as_ref(), &shared, call);
        let ran = noting_polls(&pilot.keeps_thread, run).await;
        let (outcome, transition) = if is_nested {
            (self.recount(ran.into_outcome()), None)
        } else {
            let is_failure = is_failure(&ran.health.status);
            self.stats.count_run(ran.duration, is_failure);
            self.land(ran)
        };
        self.state().flights.end(&pilot);
        pilot.land(outcome);
        if let Some(transition) = transition {
            shared.events.publish(transition);
        }
    }

    /// Stops the runs under way.
    pub(crate) fn abort(&self) {
        // Not under the lock: a runtime that is gone drops the check's future here and now.
        let flights = std::mem::take(&mut self.state().flights);
        flights.abort();
    }

    /// Makes a result the last one.
    fn land(&self, ran: Ran) -> (Arc<Outcome>, Option<Transition>) {
        let mut outcome = ran.into_outcome();
        let mut state = self.state();
        {
            let Outcome {
                health,
                counts_as,
                finished,
                ..
            } = Arc::make_mut(&mut outcome);
            let (judge, settings) = (&mut state.judge, &self.settings);
            let effective = judge.judge(&health.status, settings, *finished);
            *counts_as = judge.counts_as(&effective, settings.impact, *finished);
            if effective != health.status {
                health.details.insert(RAW_STATUS, health.status.code());
                health.status = effective;
            }
        }
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

    /// Returns a failure that no run has found, such as that a result is too old, with what it
    /// counts as: it fails from the moment on at which it is first seen.
    pub(super) fn failing_from_now(&self, outcome: Arc<Outcome>) -> Arc<Outcome> {
        if self.settings.impact != Impact::Critical {
            let status = &outcome.health.status;
            self.state().judge.fails_from(status, Instant::now());
        }
        self.recount(outcome)
    }

    /// Returns an outcome with what it counts as by now.
    pub(super) fn recount(&self, outcome: Arc<Outcome>) -> Arc<Outcome> {
        if self.settings.impact == Impact::Critical {
            return outcome;
        }
        let counts_as = {
            let judge = &self.state().judge;
            let status = &outcome.health.status;
            judge.counts_as(status, self.settings.impact, Instant::now())
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
