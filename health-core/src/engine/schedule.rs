//! Background refresh: one task that starts what is due, restarted should it ever die.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::Notify,
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use super::{Entry, Source, judge::is_failure, settings::Refresh, shared::Shared};
use crate::{call::Call, trail::Trail};

/// The version of a schedule that has not been told its checks yet.
const BEFORE_ANY_CHECK: u64 = 1;

/// Starts the checks that have a [`Refresh`], each at its own times.
///
/// The task holds this only while it works, so that dropping the last handle ends it.
pub(crate) struct Schedule {
    name: Arc<str>,
    shared: Arc<Shared>,
    entries: Mutex<Vec<Arc<Entry>>>,
    version: AtomicU64,
    changed: Arc<Notify>,
    is_running: Arc<AtomicBool>,
    has_run_once: AtomicBool,
    home: Mutex<Option<Handle>>,
    task: Mutex<Option<AbortHandle>>,
}

impl Schedule {
    pub(super) fn new(name: &Arc<str>, shared: &Arc<Shared>) -> Self {
        Self {
            name: Arc::clone(name),
            shared: Arc::clone(shared),
            entries: Mutex::default(),
            version: AtomicU64::new(BEFORE_ANY_CHECK),
            changed: Arc::default(),
            is_running: Arc::default(),
            has_run_once: AtomicBool::new(false),
            home: Mutex::default(),
            task: Mutex::default(),
        }
    }

    /// Takes the checks to refresh in the place of those before.
    pub(crate) fn set(&self, entries: impl Iterator<Item = Arc<Entry>>) {
        let entries = entries.filter(|entry| entry.settings().refresh.is_some());
        *lock(&self.entries) = entries.collect();
        self.version.fetch_add(1, Ordering::Release);
        self.changed.notify_one();
    }

    /// Tells whether each check that is refreshed from the start on has had a result; once it has
    /// been so, it stays so.
    pub(crate) fn has_run_once(&self) -> bool {
        if self.has_run_once.load(Ordering::Acquire) {
            return true;
        }
        if self.version.load(Ordering::Acquire) == BEFORE_ANY_CHECK {
            return false;
        }
        let has_run_once = lock(&self.entries).iter().all(|entry| {
            let refresh = entry.settings().refresh.as_ref();
            let is_delayed = refresh.is_some_and(|refresh| !refresh.initial_delay.is_zero());
            is_delayed || entry.is_disabled() || entry.latest().is_some()
        });
        if has_run_once {
            self.has_run_once.store(true, Ordering::Release);
        }
        has_run_once
    }

    /// Notes that the caller's runtime is the application's, and starts the task on it if there is
    /// something to refresh and the task does not run.
    pub(crate) fn keep_running(self: &Arc<Self>) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.is_running.load(Ordering::Acquire) {
            return;
        }
        *lock(&self.home) = Some(runtime.clone());
        if lock(&self.entries).is_empty() || self.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        let alive = Alive(Arc::clone(&self.is_running));
        let task = runtime.spawn(supervise(Arc::downgrade(self), alive));
        if lock(&self.task).replace(task.abort_handle()).is_some() {
            tracing::error!("the background refresh has died with its runtime and is started anew");
        }
    }

    /// Returns the application's runtime as far as it is known.
    pub(super) fn home(&self) -> Option<Handle> {
        lock(&self.home).clone()
    }

    fn start_due(&self, entry: &Arc<Entry>, now: Instant) {
        if let Some(transition) = entry.spares_run() {
            transition
                .into_iter()
                .for_each(|transition| self.shared.events.publish(transition));
            return;
        }
        if let (Source::Check(check), Ok(runtime)) = (entry.source(), Handle::try_current()) {
            let call = Call::new(
                Trail::default().with(&self.name),
                now + entry.settings().deadline,
            );
            entry.join_or_start(check, &runtime, &self.shared, call);
        }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Says that the task is gone, however it went.
struct Alive(Arc<AtomicBool>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs the schedule and starts it anew should it panic.
async fn supervise(schedule: Weak<Schedule>, _alive: Alive) {
    loop {
        let task = tokio::spawn(run(Weak::clone(&schedule)));
        let _abort = AbortOnDrop(task.abort_handle());
        match task.await {
            Err(error) if error.is_panic() => {
                tracing::error!(%error, "the background refresh panicked and is started anew");
            }
            _ => return,
        }
    }
}

async fn run(schedule: Weak<Schedule>) {
    let mut due = Timetable::default();
    loop {
        let changed = {
            let Some(schedule) = schedule.upgrade() else {
                return;
            };
            due.keep_up_with(&schedule);
            let now = Instant::now();
            while let Some((entry, started)) = due.pop(now) {
                entry.stale(&schedule.shared.events);
                let later = started.and_then(|started| not_before(&entry, started, now));
                let (next, started) = match later {
                    Some(later) => (later, started),
                    None => {
                        schedule.start_due(&entry, now);
                        (earliest_next(&entry, now), Some(now))
                    }
                };
                let stale_at = entry.stale_at().filter(|at| *at > now);
                due.push(&entry, stale_at.map_or(next, |at| at.min(next)), started);
            }
            Arc::clone(&schedule.changed)
        };
        match due.next() {
            Some(at) => _ = timeout_at(at, changed.notified()).await,
            None => changed.notified().await,
        }
    }
}

/// When a check is looked at, its key, and when it was started the last time.
type Start = (Instant, usize, Option<Instant>);

/// The moments at which checks are due or their results too old, the next one first.
#[derive(Default)]
struct Timetable {
    version: u64,
    starts: BinaryHeap<Reverse<Start>>,
    entries: HashMap<usize, Arc<Entry>>,
}

impl Timetable {
    /// Takes up what is new and forgets what is gone.
    fn keep_up_with(&mut self, schedule: &Schedule) {
        let version = schedule.version.load(Ordering::Acquire);
        if version == self.version {
            return;
        }
        self.version = version;
        let now = Instant::now();
        let starts = self.starts.drain();
        let known: HashMap<usize, (Instant, Option<Instant>)> = starts
            .map(|Reverse((at, key, started))| (key, (at, started)))
            .collect();
        self.entries.clear();
        for entry in lock(&schedule.entries).iter() {
            let known = known.get(&key(entry)).copied();
            let (at, started) = known.unwrap_or_else(|| (first_start(entry, now), None));
            self.push(entry, at, started);
        }
    }

    fn push(&mut self, entry: &Arc<Entry>, at: Instant, started: Option<Instant>) {
        self.starts.push(Reverse((at, key(entry), started)));
        self.entries.insert(key(entry), Arc::clone(entry));
    }

    fn pop(&mut self, now: Instant) -> Option<(Arc<Entry>, Option<Instant>)> {
        let Reverse((at, key, started)) = *self.starts.peek()?;
        if at > now {
            return None;
        }
        self.starts.pop();
        Some((Arc::clone(self.entries.get(&key)?), started))
    }

    fn next(&self) -> Option<Instant> {
        self.starts.peek().map(|Reverse((at, ..))| *at)
    }
}

fn key(entry: &Arc<Entry>) -> usize {
    Arc::as_ptr(entry) as usize
}

fn first_start(entry: &Entry, now: Instant) -> Instant {
    match &entry.settings().refresh {
        Some(refresh) if !refresh.initial_delay.is_zero() => {
            now + refresh.initial_delay + jitter(refresh, refresh.interval)
        }
        _ => now,
    }
}

/// Returns when a check may be due again, whatever its run under way finds.
fn earliest_next(entry: &Entry, started: Instant) -> Instant {
    let refresh = entry.settings().refresh.clone().unwrap_or_default();
    let while_down = refresh.interval_while_down.unwrap_or(refresh.interval);
    let interval = refresh.interval.min(while_down);
    started + interval + jitter(&refresh, interval)
}

/// Returns when a check is due after all, if by what its last run has found that is later than now.
fn not_before(entry: &Entry, started: Instant, now: Instant) -> Option<Instant> {
    let refresh = entry.settings().refresh.as_ref()?;
    let is_failing = entry
        .latest()
        .is_some_and(|latest| is_failure(&latest.health.status));
    let interval = match refresh.interval_while_down {
        Some(interval) if is_failing => interval,
        _ => refresh.interval,
    };
    let later = started + interval;
    (later > now).then(|| later + jitter(refresh, interval))
}

fn jitter(refresh: &Refresh, interval: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    let share = f64::from(refresh.jitter_percent) / 100.0 * (random as f64 / u64::MAX as f64);
    interval.mul_f64(share)
}
