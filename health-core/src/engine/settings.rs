//! How one check is run, and what its results mean.

use std::time::Duration;

/// The longest wait for one check, so that an answer leaves before the 1 s after which a kubelet
/// gives a probe up. Set per check by [`Component::deadline`](crate::Component::deadline), for all
/// by [`Builder::deadline`](crate::Builder::deadline).
pub const DEFAULT_DEADLINE: Duration = Duration::from_millis(800);

/// For how long a result answers further questions: not at all, so that what is shown is true now.
/// Questions at the same time share a run in any case. Set per check by
/// [`Component::ttl`](crate::Component::ttl), for all by [`Builder::ttl`](crate::Builder::ttl).
pub const DEFAULT_TTL: Duration = Duration::ZERO;

/// How many failures in a row make a check fail: the first one, so that nothing is hidden. Set by
/// [`Component::failure_threshold`](crate::Component::failure_threshold).
pub const DEFAULT_FAILURE_THRESHOLD: u32 = 1;

/// How many successes in a row end a failure. Set by
/// [`Component::success_threshold`](crate::Component::success_threshold).
pub const DEFAULT_SUCCESS_THRESHOLD: u32 = 1;

/// From which duration on a check is named in the log as slow: well before the deadline at which
/// it would fail. Set by [`Component::slow_after`](crate::Component::slow_after).
pub const DEFAULT_SLOW_AFTER: Duration = Duration::from_millis(500);

/// The distance between the starts of a check in the background: a Kubernetes probe's default
/// period, so that each probe finds a new result. Set by [`Refresh::every`].
pub const DEFAULT_INTERVAL: Duration = Duration::from_secs(10);

/// By how much of its interval a start may come later, in percent, so that many checks and many
/// replicas do not ask at the same moment. Set by [`Refresh::jitter_percent`].
pub const DEFAULT_JITTER_PERCENT: u8 = 10;

/// After how many intervals without a new result the last one is stale and counts as DOWN: one
/// start may be lost, not two. Set by [`Refresh::stale_after`].
pub const DEFAULT_STALE_INTERVALS: u32 = 3;

/// Runs a check in the background, so that questions are answered from its last result at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a refresh does nothing until it is given to a component or the builder"]
pub struct Refresh {
    pub(crate) interval: Duration,
    pub(crate) initial_delay: Duration,
    pub(crate) jitter_percent: u8,
    pub(crate) interval_while_down: Option<Duration>,
    pub(crate) stale_after: Option<Duration>,
}

impl Refresh {
    /// Starts the check once in this time, measured from start to start.
    pub fn every(interval: Duration) -> Self {
        Self {
            interval,
            initial_delay: Duration::ZERO,
            jitter_percent: DEFAULT_JITTER_PERCENT,
            interval_while_down: None,
            stale_after: None,
        }
    }

    /// Waits before the first start; default: not at all. Until then the component is
    /// OUT_OF_SERVICE.
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// Starts up to this much of the interval later, at most 100; default
    /// [`DEFAULT_JITTER_PERCENT`].
    pub fn jitter_percent(mut self, percent: u8) -> Self {
        self.jitter_percent = percent;
        self
    }

    /// Starts in this distance while the check fails, to spare what it asks; default: the interval.
    pub fn while_down(mut self, interval: Duration) -> Self {
        self.interval_while_down = Some(interval);
        self
    }

    /// Sets the age at which the last result counts as DOWN; default: the deadline and
    /// [`DEFAULT_STALE_INTERVALS`] of the longer interval.
    pub fn stale_after(mut self, age: Duration) -> Self {
        self.stale_after = Some(age);
        self
    }

    pub(crate) fn longest_interval(&self) -> Duration {
        self.interval
            .max(self.interval_while_down.unwrap_or_default())
    }
}

impl Default for Refresh {
    fn default() -> Self {
        Self::every(DEFAULT_INTERVAL)
    }
}

/// What a failing component means for the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Impact {
    /// The whole fails with it.
    #[default]
    Critical,
    /// It is shown and changes nothing.
    NonCritical,
    /// The whole is [`Status::DEGRADED`](crate::Status::DEGRADED) at once and fails when it has
    /// failed for this long.
    FailsAfter(Duration),
}

/// The settings of one check, after all defaults.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) deadline: Duration,
    pub(crate) ttl: Duration,
    pub(crate) refresh: Option<Refresh>,
    pub(crate) failure_threshold: u32,
    pub(crate) success_threshold: u32,
    pub(crate) failure_time: Duration,
    pub(crate) impact: Impact,
    pub(crate) slow_after: Duration,
    pub(crate) evidence_ttl: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            deadline: DEFAULT_DEADLINE,
            ttl: DEFAULT_TTL,
            refresh: None,
            failure_threshold: DEFAULT_FAILURE_THRESHOLD,
            success_threshold: DEFAULT_SUCCESS_THRESHOLD,
            failure_time: Duration::ZERO,
            impact: Impact::Critical,
            slow_after: DEFAULT_SLOW_AFTER,
            evidence_ttl: Duration::ZERO,
        }
    }
}

impl Settings {
    /// Returns the age at which a result counts as DOWN, for checks in the background.
    pub(crate) fn stale_after(&self) -> Option<Duration> {
        let refresh = self.refresh.as_ref()?;
        Some(refresh.stale_after.unwrap_or_else(|| {
            refresh
                .longest_interval()
                .saturating_mul(DEFAULT_STALE_INTERVALS)
                .saturating_add(self.deadline)
        }))
    }
}
