//! Runs under way, and which of them a question joins.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use tokio::{runtime::Handle, sync::watch, task::AbortHandle, time::Instant};

use super::Outcome;
use crate::call::Call;

/// How many runs of one check along trails are under way at once at the most. In a circle there is
/// one for each other member; more come from a thick net of applications, or from somebody who
/// makes trails up.
const MAX_NESTED: usize = 16;

/// A run under way; any number of questions wait for it.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) runtime: Handle,
    call: Call,
    result: watch::Receiver<Option<Arc<Outcome>>>,
    keeps_thread: Arc<AtomicBool>,
    task: AbortHandle,
}

/// What the task of a run says of itself.
pub(super) struct Pilot {
    pub(super) keeps_thread: Arc<AtomicBool>,
    result: watch::Sender<Option<Arc<Outcome>>>,
}

impl Flight {
    /// Starts the task of a run.
    pub(super) fn start<F>(runtime: &Handle, call: Call, fly: impl FnOnce(Pilot) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, result) = watch::channel(None);
        let keeps_thread = Arc::new(AtomicBool::new(false));
        let task = runtime.spawn(fly(Pilot {
            keeps_thread: Arc::clone(&keeps_thread),
            result: sender,
        }));
        Self {
            runtime: runtime.clone(),
            call,
            result,
            keeps_thread,
            task: task.abort_handle(),
        }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.call.deadline()
    }

    pub(super) fn is_nested(&self) -> bool {
        self.call.is_nested()
    }

    pub(super) fn keeps_thread(&self) -> bool {
        self.keeps_thread.load(Relaxed)
    }

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

impl Pilot {
    /// Tells the outcome to all who wait for it.
    pub(super) fn land(self, outcome: Arc<Outcome>) {
        self.result.send_replace(Some(outcome));
    }
}

/// The runs of one check that are under way: one for everybody, and one for each trail.
///
/// A run waits for runs elsewhere that go along longer trails. Since it is joined along its own
/// trail only, nobody waits around a circle of applications.
#[derive(Default)]
pub(super) struct Flights(Vec<Flight>);

impl Flights {
    pub(super) fn alive(&self) -> impl Iterator<Item = &Flight> {
        self.0.iter().filter(|flight| flight.is_alive())
    }

    /// Returns the run that gives what this call would give.
    pub(super) fn like(&self, call: &Call) -> Option<&Flight> {
        self.alive().find(|flight| flight.call.is_like(call))
    }

    /// Returns the run for everybody.
    pub(super) fn plain(&self) -> Option<&Flight> {
        self.alive().find(|flight| !flight.is_nested())
    }

    /// Tells whether one more may be under way.
    pub(super) fn have_room_for(&self, call: &Call) -> bool {
        let nested = self.alive().filter(|flight| flight.is_nested());
        !call.is_nested() || nested.count() < MAX_NESTED
    }

    pub(super) fn add(&mut self, flight: Flight) {
        self.0.retain(Flight::is_alive);
        self.0.push(flight);
    }

    pub(super) fn end(&mut self, pilot: &Pilot) {
        let is_other = |flight: &Flight| !Arc::ptr_eq(&flight.keeps_thread, &pilot.keeps_thread);
        self.0.retain(is_other);
    }

    pub(super) fn abort(self) {
        for flight in self.0 {
            flight.task.abort();
        }
    }
}
