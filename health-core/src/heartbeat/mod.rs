//! Proof of life of the application's runtime: a task on it beats, and a thread of our own looks
//! whether the beats come in time.

mod beat;
mod hanging;
mod pulse;
mod watch;

use std::time::Duration;

pub(crate) use self::{beat::Heartbeat, watch::Outside};

/// The distance between two beats: short enough that a lag is seen before a kubelet gives a probe
/// up after 1 s, and four wake-ups in a second cost nothing. Set by [`RuntimeWatch::interval`].
pub const DEFAULT_HEARTBEAT_INTERVAL: Duration = Duration::from_millis(250);

/// The lag from which on the log says that the runtime starves: half of what a kubelet waits for
/// a probe. Set by [`RuntimeWatch::starved_after`].
pub const DEFAULT_STARVED_AFTER: Duration = Duration::from_millis(500);

/// The lag from which on liveness is DOWN: far longer than what a sound application ever blocks
/// for, and as long as a kubelet with its defaults tries before it restarts a container. Set by
/// [`RuntimeWatch::wedged_after`].
pub const DEFAULT_WEDGED_AFTER: Duration = Duration::from_secs(30);

/// Says how the application's runtime is watched; see
/// [`Management::watch_runtime`](crate::Management::watch_runtime).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it does nothing until it is given to the builder"]
pub struct RuntimeWatch {
    interval: Duration,
    starved_after: Duration,
    wedged_after: Duration,
}

impl RuntimeWatch {
    /// Sets the distance between two beats, at least 1 ms; default [`DEFAULT_HEARTBEAT_INTERVAL`].
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Sets the lag from which on (inclusive) the log says that the runtime starves; default
    /// [`DEFAULT_STARVED_AFTER`].
    pub fn starved_after(mut self, lag: Duration) -> Self {
        self.starved_after = lag;
        self
    }

    /// Sets the lag from which on (inclusive) liveness is DOWN; default [`DEFAULT_WEDGED_AFTER`].
    /// [`Duration::MAX`] leaves liveness alone.
    pub fn wedged_after(mut self, lag: Duration) -> Self {
        self.wedged_after = lag;
        self
    }
}

impl Default for RuntimeWatch {
    fn default() -> Self {
        Self {
            interval: DEFAULT_HEARTBEAT_INTERVAL,
            starved_after: DEFAULT_STARVED_AFTER,
            wedged_after: DEFAULT_WEDGED_AFTER,
        }
    }
}
