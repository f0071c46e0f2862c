//! The lines of the requests whose outcome is not known yet, by task.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use health_core::Management;
use http::StatusCode;
use tokio::task::{self, Id};

use super::line::Line;

/// The most lines of one request that are held, inclusive; a line more, and all are written.
pub const MAX_HELD_LINES: usize = 64;

/// One for the process, as there is one logger for it and the ids of tasks are unique in it.
static HELD: Mutex<Held> = Mutex::new(Held::new());

/// How many requests are held, so that nobody takes the lock while there are none.
static COUNT: AtomicUsize = AtomicUsize::new(0);

type Held = BTreeMap<Id, HeldRequest>;

#[derive(Default)]
struct HeldRequest {
    lines: Vec<Line>,
    status: Option<StatusCode>,
}

/// Keeps the lines of the request on a task back; when dropped, decides on them.
#[must_use = "the lines are written when this is dropped"]
pub(super) struct Hold {
    task: Id,
    management: Management,
}

impl Hold {
    /// Starts with the task that runs this, unless a request on it is already held.
    pub(super) fn begin(management: &Management) -> Option<Self> {
        let task = task::try_id()?;
        let is_first = with(|held| {
            let is_first = !held.contains_key(&task);
            held.entry(task).or_default();
            is_first
        });
        is_first.then(|| Self {
            task,
            management: management.clone(),
        })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Some(request) = with(|held| held.remove(&self.task)) else {
            return;
        };
        if !request.is_left_out(&self.management) {
            write(request.lines);
        }
    }
}

impl HeldRequest {
    /// Decides by the answer; where Rocket warned of something, as of a client that left, the
    /// request did not succeed.
    fn is_left_out(&self, management: &Management) -> bool {
        !self.lines.is_empty()
            && !self.lines.iter().any(Line::is_worrying)
            && self
                .status
                .is_some_and(|status| management.no_log().leaves_out(status))
    }
}

/// Tells whether the lines of the request on this task are held.
pub(super) fn is_held() -> bool {
    task_if_any_is_held().is_some_and(|task| with(|held| held.contains_key(&task)))
}

/// Holds a line of the request on this task.
pub(super) fn hold(line: Line) {
    let lines = with(|held| {
        let task = task::try_id();
        let Some(request) = task.and_then(|task| held.get_mut(&task)) else {
            return vec![line];
        };
        request.lines.push(line);
        if request.lines.len() <= MAX_HELD_LINES {
            return Vec::new();
        }
        let request = task.and_then(|task| held.remove(&task));
        request.unwrap_or_default().lines
    });
    write(lines);
}

/// Notes how the request on this task was answered.
pub(super) fn answered(status: StatusCode) {
    let Some(task) = task_if_any_is_held() else {
        return;
    };
    with(|held| {
        if let Some(request) = held.get_mut(&task) {
            request.status = Some(status);
        }
    });
}

/// Writes all lines that are held.
pub(super) fn write_all() {
    let held = with(std::mem::take);
    write(held.into_values().flat_map(|request| request.lines));
}

fn task_if_any_is_held() -> Option<Id> {
    (COUNT.load(Ordering::Relaxed) > 0).then(task::try_id)?
}

/// Does what must not log: a line of its own would come back here.
fn with<T>(f: impl FnOnce(&mut Held) -> T) -> T {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let result = f(&mut held);
    COUNT.store(held.len(), Ordering::Relaxed);
    result
}

fn write(lines: impl IntoIterator<Item = Line>) {
    lines.into_iter().for_each(Line::write);
}
