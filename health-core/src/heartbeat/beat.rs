//! The task that beats on the application's runtime.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::AbortHandle};

use super::{
    RuntimeWatch,
    pulse::{Event, Pulse},
};

/// The heartbeat of the application's runtime; off until it is started on one.
pub(crate) struct Heartbeat {
    watch: RuntimeWatch,
    beating: Mutex<Option<Beating>>,
}

struct Beating {
    pulse: Pulse,
    runtime: Handle,
    task: Option<AbortHandle>,
    is_nudged: bool,
}

impl Heartbeat {
    pub(crate) fn new(watch: RuntimeWatch) -> Arc<Self> {
        Arc::new(Self {
            watch,
            beating: Mutex::default(),
        })
    }

    pub(super) fn interval(&self) -> Duration {
        self.watch.interval
    }

    /// Starts to beat on a runtime, unless it beats already.
    pub(super) fn start(self: &Arc<Self>, runtime: Handle) {
        let mut state = self.lock();
        if state.is_some() {
            return;
        }
        let pulse = Pulse::new(self.watch.clone(), Instant::now());
        *state = Some(Beating {
            pulse,
            runtime: runtime.clone(),
            task: None,
            is_nudged: false,
        });
        drop(state);
        // Without the lock: a runtime that is shutting down drops the task here and now.
        let task = runtime.spawn(beat(Stops(Arc::downgrade(self)), self.watch.interval));
        if let Some(beating) = self.lock().as_mut() {
            beating.task = Some(task.abort_handle());
        }
    }

    /// Returns by how much the timers of the runtime are late; nothing where it is not watched.
    pub(crate) fn lag(&self) -> Option<Duration> {
        let beating = self.lock();
        beating
            .as_ref()
            .map(|beating| beating.pulse.lag(Instant::now()))
    }

    /// Returns for how long the runtime has not run, if that is beyond its budget.
    pub(crate) fn wedged_for(&self) -> Option<Duration> {
        self.lock().as_ref()?.pulse.wedged_for(Instant::now())
    }

    /// Looks from outside whether the runtime beats, and nudges it when it is late.
    ///
    /// A worker that blocks can leave the timers of an idle runtime unattended though another
    /// worker is free. Work that comes from outside wakes that one, which is the proof of life,
    /// and then attends to the timers.
    pub(super) fn look(self: &Arc<Self>) {
        let now = Instant::now();
        let mut state = self.lock();
        let Some(beating) = state.as_mut() else {
            return;
        };
        let event = beating.pulse.look(now);
        let is_late = !beating.pulse.overdue(now).is_zero();
        let nudged = (is_late && !beating.is_nudged).then(|| beating.runtime.clone());
        beating.is_nudged |= nudged.is_some();
        drop(state);
        if let Some(runtime) = nudged {
            let nudge = Nudge(Arc::downgrade(self));
            runtime.spawn(async move { nudge.beat() });
        }
        log(event);
    }

    fn beat(&self) {
        let event = self
            .lock()
            .as_mut()
            .and_then(|beating| beating.pulse.beat(Instant::now()));
        log(event);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Beating>> {
        self.beating.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        let beating = self.lock().take();
        if let Some(task) = beating.and_then(|beating| beating.task) {
            task.abort();
        }
    }
}

impl fmt::Debug for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heartbeat")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}

async fn beat(stops: Stops, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        match stops.0.upgrade() {
            Some(heartbeat) => heartbeat.beat(),
            None => return,
        }
    }
}

/// Switches the heartbeat off when its runtime ends: a runtime that is gone is not wedged.
struct Stops(Weak<Heartbeat>);

impl Drop for Stops {
    fn drop(&mut self) {
        if let Some(heartbeat) = self.0.upgrade() {
            let beating = heartbeat.lock().take();
            drop(beating);
        }
    }
}

/// A beat that was asked for from outside; at most one is under way.
struct Nudge(Weak<Heartbeat>);

impl Nudge {
    fn beat(&self) {
        if let Some(heartbeat) = self.0.upgrade() {
            heartbeat.beat();
        }
    }
}

impl Drop for Nudge {
    fn drop(&mut self) {
        if let Some(heartbeat) = self.0.upgrade()
            && let Some(beating) = heartbeat.lock().as_mut()
        {
            beating.is_nudged = false;
        }
    }
}

fn log(event: Option<Event>) {
    let millis = |lag: Duration| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
    match event {
        None => {}
        Some(Event::Starved(lag)) => tracing::warn!(
            lag_ms = millis(lag),
            "the application's runtime starves: something blocks its threads"
        ),
        Some(Event::Wedged(lag)) => tracing::error!(
            lag_ms = millis(lag),
            "the application's runtime is wedged: liveness is DOWN until it runs again"
        ),
        Some(Event::Over(longest)) => {
            tracing::info!(
                longest_lag_ms = millis(longest),
                "the application's runtime keeps its times again"
            );
        }
    }
}
