//! The lines of the requests whose outcome is not known yet, by task.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use health_core::Management;
use http::StatusCode;
use tokio::task::{self, Id};

use super::line::Line;

/// The most lines of one request that are held; a line more, and all are written.
pub const MAX_HELD_LINES: usize = 64;

/// The most requests of which lines are held; further ones are logged as any other request.
pub const MAX_HELD_REQUESTS: usize = 1024;

/// The longest time for which lines are held; after it the next request that is logged writes them.
pub const MAX_HOLD: Duration = Duration::from_secs(30);

/// The shortest time between two searches for what is held too long.
const SEARCH_INTERVAL: Duration = Duration::from_secs(1);

/// One for the process, as there is one logger for it and the ids of tasks are unique in it.
static HELD: Mutex<Held<Id>> = Mutex::new(Held::new());

/// How many requests are held, so that nobody takes the lock while there are none.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Keeps the lines of the request on a task back; when dropped, decides on them.
#[must_use = "the lines are written when this is dropped"]
pub(super) struct Hold {
    task: Id,
    management: Management,
}

impl Hold {
    /// Starts with the task that runs this, if there is room.
    pub(super) fn begin(management: &Management) -> Option<Self> {
        let task = task::try_id()?;
        let has_begun = with(|held| held.begin(task, Instant::now()));
        has_begun.then(|| Self {
            task,
            management: management.clone(),
        })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Some(request) = with(|held| held.requests.remove(&self.task)) else {
            return;
        };
        if !request.is_left_out(&self.management) {
            write(request.lines);
        }
    }
}

/// Tells whether the lines of the request on this task are held.
pub(super) fn is_held() -> bool {
    let Some(task) = task_if_any_is_held() else {
        return false;
    };
    let look = |held: &mut Held<Id>| {
        (
            held.overdue(Instant::now()),
            held.requests.contains_key(&task),
        )
    };
    let (overdue, is_held) = with(look);
    write(overdue);
    is_held
}

/// Holds a line of the request on this task.
pub(super) fn hold(line: Line) {
    let lines = match task::try_id() {
        Some(task) => with(|held| held.hold(task, line)),
        None => vec![line],
    };
    write(lines);
}

/// Notes how the request on this task was answered.
pub(super) fn answered(status: StatusCode) {
    let Some(task) = task_if_any_is_held() else {
        return;
    };
    with(|held| {
        if let Some(request) = held.requests.get_mut(&task) {
            request.status = Some(status);
        }
    });
}

/// Writes all lines that are held.
pub(super) fn write_all() {
    let requests = with(|held| std::mem::take(&mut held.requests));
    write(requests.into_values().flat_map(|request| request.lines));
}

fn task_if_any_is_held() -> Option<Id> {
    (COUNT.load(Ordering::Relaxed) > 0).then(task::try_id)?
}

/// Does what must not log: a line of its own would come back here.
fn with<T>(f: impl FnOnce(&mut Held<Id>) -> T) -> T {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let result = f(&mut held);
    COUNT.store(held.requests.len(), Ordering::Relaxed);
    result
}

fn write(lines: impl IntoIterator<Item = Line>) {
    lines.into_iter().for_each(Line::write);
}

struct Held<K> {
    requests: BTreeMap<K, HeldRequest>,
    next_search: Option<Instant>,
}

struct HeldRequest {
    lines: Vec<Line>,
    status: Option<StatusCode>,
    since: Instant,
}

impl<K: Copy + Ord> Held<K> {
    const fn new() -> Self {
        Self {
            requests: BTreeMap::new(),
            next_search: None,
        }
    }

    /// Starts with a request; not where one is already held, or too many are.
    fn begin(&mut self, key: K, now: Instant) -> bool {
        let has_room = self.requests.len() < MAX_HELD_REQUESTS && !self.requests.contains_key(&key);
        if has_room {
            let request = HeldRequest {
                lines: Vec::new(),
                status: None,
                since: now,
            };
            self.requests.insert(key, request);
        }
        has_room
    }

    /// Takes a line and returns what has to be written now.
    fn hold(&mut self, key: K, line: Line) -> Vec<Line> {
        let Some(request) = self.requests.get_mut(&key) else {
            return vec![line];
        };
        request.lines.push(line);
        if request.lines.len() <= MAX_HELD_LINES {
            return Vec::new();
        }
        self.requests
            .remove(&key)
            .map(|request| request.lines)
            .unwrap_or_default()
    }

    /// Takes out what has been held too long.
    fn overdue(&mut self, now: Instant) -> Vec<Line> {
        if self.next_search.is_some_and(|next| now < next) {
            return Vec::new();
        }
        self.next_search = Some(now + SEARCH_INTERVAL);
        let is_overdue = |request: &HeldRequest| now.duration_since(request.since) >= MAX_HOLD;
        let overdue = self
            .requests
            .extract_if(.., |_, request| is_overdue(request));
        overdue.flat_map(|(_, request)| request.lines).collect()
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use log::{Log, Metadata, Record};

    use super::*;

    struct Silent;

    impl Log for Silent {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            false
        }
        fn log(&self, _: &Record<'_>) {}
        fn flush(&self) {}
    }

    fn line() -> Line {
        let logger: Arc<dyn Log> = Arc::new(Silent);
        Line::new(&Record::builder().build(), &logger)
    }

    #[test]
    fn a_request_with_too_many_lines_is_held_no_longer() {
        let mut held = Held::new();
        assert!(held.begin(1, Instant::now()));
        for number in 0..MAX_HELD_LINES {
            assert_eq!(held.hold(1, line()).len(), 0, "line {number}");
        }
        assert_eq!(held.hold(1, line()).len(), MAX_HELD_LINES + 1);
        assert_eq!(held.hold(1, line()).len(), 1);
        assert!(held.requests.is_empty());
    }

    #[test]
    fn there_is_room_for_so_many_requests_and_one_of_each_task() {
        let mut held = Held::new();
        let now = Instant::now();
        for task in 0..MAX_HELD_REQUESTS {
            assert!(held.begin(task, now), "request {task}");
            assert!(!held.begin(task, now), "request {task} again");
        }
        assert!(!held.begin(MAX_HELD_REQUESTS, now));
        held.requests.remove(&0);
        assert!(held.begin(MAX_HELD_REQUESTS, now));
    }

    #[test]
    fn what_is_held_too_long_comes_out_and_is_looked_for_once_a_second() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let mut held = Held::new();
        held.begin(1, start);
        held.begin(2, after(20));
        held.hold(1, line());
        held.hold(2, line());
        assert_eq!(held.overdue(after(29)).len(), 0);
        assert_eq!(held.overdue(after(30)).len(), 1);
        assert!(held.requests.keys().eq([&2]));
        assert_eq!(
            held.hold(1, line()).len(),
            1,
            "its further lines do not wait"
        );
        held.begin(3, start);
        held.hold(3, line());
        assert_eq!(
            held.overdue(after(30)).len(),
            0,
            "not again within the second"
        );
        assert_eq!(held.overdue(after(31)).len(), 1);
        assert_eq!(held.overdue(after(50)).len(), 1);
        assert!(held.requests.is_empty());
    }
}
