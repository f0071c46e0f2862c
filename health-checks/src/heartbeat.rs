//! Dead man's switch: a background loop has to report in time.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use tokio::time::Instant;

use crate::millis::millis;

/// Checks that a background loop of this process reports in time.
///
/// Details: `state` (`starting`, `beating`, `silent`, `ended` or `panicked`), `beats`, `silentMs`,
/// `maxSilenceMs`, `error` when DOWN. A loop that has not beaten yet is OUT_OF_SERVICE while it may
/// still start, and DOWN then; one whose last [`Beat`] was dropped has ended and is DOWN at once,
/// however recent its last beat.
///
/// This watches one loop of the application. That the runtime itself runs is watched by
/// [`Management::watch_runtime`](health_core::Management::watch_runtime), and a file for probes
/// from outside is kept by [`Management::heartbeat_file`](health_core::Management::heartbeat_file).
///
/// Time is monotonic, and tokio's where its clock is paused. Nothing is waited for.
///
/// ```
/// use std::time::Duration;
///
/// use health_checks::Heartbeat;
///
/// # async fn work() {}
/// # async fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let (heartbeat, beat) = Heartbeat::new(Duration::from_secs(30));
/// tokio::spawn(async move {
///     loop {
///         work().await;
///         beat.beat();
///     }
/// });
/// let management = health_core::Management::builder("orders")
///     .check("mailLoop", heartbeat)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a check does nothing until it is registered"]
pub struct Heartbeat {
    pulse: Arc<Pulse>,
    max_silence: Duration,
    start_within: Duration,
}

impl Heartbeat {
    /// Makes a check and the handle by which the loop reports; more than `max_silence` (exclusive)
    /// without a beat is DOWN.
    pub fn new(max_silence: Duration) -> (Self, Beat) {
        let pulse = Arc::new(Pulse {
            made: Instant::now(),
            last: AtomicU64::new(0),
            beats: AtomicU64::new(0),
            handles: AtomicU64::new(1),
            panicked: AtomicBool::new(false),
        });
        let beat = Beat(Arc::clone(&pulse));
        let check = Self {
            pulse,
            max_silence,
            start_within: max_silence,
        };
        (check, beat)
    }

    /// Sets the time within which (inclusive) the first beat has to come, counted from when this was
    /// made; default is as long as the loop may be silent.
    pub fn start_within(mut self, time: Duration) -> Self {
        self.start_within = time;
        self
    }

    /// Returns what the pulse means, and why that is DOWN.
    fn judge(&self, silent: Duration, beats: u64) -> (&'static str, Option<String>) {
        if self.pulse.handles.load(Ordering::Acquire) == 0 {
            return if self.pulse.panicked.load(Ordering::Acquire) {
                ("panicked", Some("the loop panicked".to_owned()))
            } else {
                ("ended", Some("the loop ended".to_owned()))
            };
        }
        let silence = silent.as_millis();
        if beats == 0 {
            let error = format!("no beat yet, {silence} ms after the start");
            return ("starting", (silent > self.start_within).then_some(error));
        }
        if silent > self.max_silence {
            let max = self.max_silence.as_millis();
            return (
                "silent",
                Some(format!("no beat for {silence} ms, more than {max} ms")),
            );
        }
        ("beating", None)
    }
}

#[async_trait]
impl Check for Heartbeat {
    async fn check(&self) -> CheckResult {
        let (silent, beats) = self.pulse.read();
        let (state, error) = self.judge(silent, beats);
        let health = match (&error, beats) {
            (Some(_), _) => Health::down(),
            (None, 0) => Health::out_of_service(),
            (None, _) => Health::up(),
        };
        Ok(health
            .detail("state", state)
            .detail("beats", beats)
            .detail("silentMs", millis(silent))
            .detail("maxSilenceMs", millis(self.max_silence))
            .detail("error", error))
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

/// By which a loop reports that it is alive; clones report for the same loop.
///
/// When the last one is dropped, the loop has ended: keep it in the loop, and nowhere else.
#[must_use = "dropping it says that the loop has ended"]
pub struct Beat(Arc<Pulse>);

impl Beat {
    /// Reports that the loop is alive. This costs a look at the clock and two atomic stores.
    pub fn beat(&self) {
        let since = millis(self.0.made.elapsed());
        self.0.last.fetch_max(since, Ordering::Relaxed);
        self.0.beats.fetch_add(1, Ordering::Release);
    }
}

impl Clone for Beat {
    fn clone(&self) -> Self {
        self.0.handles.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.panicked.store(true, Ordering::Release);
        }
        self.0.handles.fetch_sub(1, Ordering::AcqRel);
    }
}

impl fmt::Debug for Beat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Beat").field(&self.0).finish()
    }
}

/// What the loop and the check share.
#[derive(Debug)]
struct Pulse {
    made: Instant,
    /// Milliseconds from `made` to the last beat.
    last: AtomicU64,
    beats: AtomicU64,
    handles: AtomicU64,
    panicked: AtomicBool,
}

impl Pulse {
    /// Returns the time since the last beat, or since this was made, and the number of beats.
    fn read(&self) -> (Duration, u64) {
        let beats = self.beats.load(Ordering::Acquire);
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        (self.made.elapsed().saturating_sub(last), beats)
    }
}
