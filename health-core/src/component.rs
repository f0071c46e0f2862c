//! What is registered: a name, and a check or further components.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    Check,
    engine::{Impact, Refresh, Settings},
};

/// Registers a check, or a composite of several, under a name.
///
/// [`Builder::check`](crate::Builder::check) is the short way for a check with default settings.
///
/// ```
/// use std::time::Duration;
/// use health_core::Component;
///
/// # async fn ping() -> bool { true }
/// let database = Component::new("db", ping).deadline(Duration::from_millis(300)).readiness();
/// let caches = Component::composite("caches", [
///     Component::new("sessions", ping),
///     Component::new("pages", ping),
/// ]);
/// ```
#[must_use = "a component does nothing until it is given to the builder"]
pub struct Component {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) tuning: Tuning,
    pub(crate) shown: ShownOn,
}

/// The settings that were made for a component, to be put above the defaults.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tuning {
    deadline: Option<Duration>,
    ttl: Option<Duration>,
    refresh: Option<Option<Refresh>>,
    failure_threshold: Option<u32>,
    success_threshold: Option<u32>,
    failure_time: Option<Duration>,
    impact: Option<Impact>,
    slow_after: Option<Duration>,
    evidence_ttl: Option<Duration>,
}

impl Tuning {
    /// Puts these settings above others.
    pub(crate) fn over(&self, below: &Settings) -> Settings {
        Settings {
            deadline: self.deadline.unwrap_or(below.deadline),
            ttl: self.ttl.unwrap_or(below.ttl),
            refresh: self
                .refresh
                .clone()
                .unwrap_or_else(|| below.refresh.clone()),
            failure_threshold: self.failure_threshold.unwrap_or(below.failure_threshold),
            success_threshold: self.success_threshold.unwrap_or(below.success_threshold),
            failure_time: self.failure_time.unwrap_or(below.failure_time),
            impact: self.impact.unwrap_or(below.impact),
            slow_after: self.slow_after.unwrap_or(below.slow_after),
            evidence_ttl: self.evidence_ttl.unwrap_or(below.evidence_ttl),
        }
    }
}

pub(crate) enum Kind {
    Leaf(Arc<dyn Check>),
    Composite(Vec<Component>),
}

/// Says on which endpoints a component counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShownOn {
    pub(crate) health: bool,
    pub(crate) readiness: bool,
}

impl Component {
    /// Names a check. It counts on `/health` only, unless a group includes it.
    pub fn new(name: impl Into<String>, check: impl Check) -> Self {
        Self::of_kind(name.into(), Kind::Leaf(Arc::new(check)))
    }

    /// Names a composite of components; its status is made of theirs.
    pub fn composite(name: impl Into<String>, components: impl IntoIterator<Item = Self>) -> Self {
        Self::of_kind(
            name.into(),
            Kind::Composite(components.into_iter().collect()),
        )
    }

    fn of_kind(name: String, kind: Kind) -> Self {
        Self {
            name,
            kind,
            tuning: Tuning::default(),
            shown: ShownOn {
                health: true,
                readiness: false,
            },
        }
    }

    /// Sets the longest wait for the check, or for each one of a composite; default:
    /// [`Builder::deadline`](crate::Builder::deadline).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.tuning.deadline = Some(deadline);
        self
    }

    /// Sets for how long a result answers further questions; default:
    /// [`Builder::ttl`](crate::Builder::ttl). Has no meaning for a check in the background.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.tuning.ttl = Some(ttl);
        self
    }

    /// Runs the check in the background; default:
    /// [`Builder::background`](crate::Builder::background).
    pub fn background(mut self, refresh: Refresh) -> Self {
        self.tuning.refresh = Some(Some(refresh));
        self
    }

    /// Runs the check when it is asked for, also where the default is the background.
    pub fn on_request(mut self) -> Self {
        self.tuning.refresh = Some(None);
        self
    }

    /// Sets how many failures in a row make the component fail, at least 1; default
    /// [`DEFAULT_FAILURE_THRESHOLD`](crate::DEFAULT_FAILURE_THRESHOLD). The first result holds at
    /// once. While the two differ, the detail `rawStatus` shows what the check said.
    pub fn failure_threshold(mut self, failures: u32) -> Self {
        self.tuning.failure_threshold = Some(failures);
        self
    }

    /// Sets how many successes in a row end a failure, at least 1; default
    /// [`DEFAULT_SUCCESS_THRESHOLD`](crate::DEFAULT_SUCCESS_THRESHOLD).
    pub fn success_threshold(mut self, successes: u32) -> Self {
        self.tuning.success_threshold = Some(successes);
        self
    }

    /// Sets for how long a check must fail, beside the threshold, before the component does;
    /// default: not at all.
    pub fn failure_time(mut self, time: Duration) -> Self {
        self.tuning.failure_time = Some(time);
        self
    }

    /// Sets what a failure means for the whole; default [`Impact::Critical`].
    pub fn impact(mut self, impact: Impact) -> Self {
        self.tuning.impact = Some(impact);
        self
    }

    /// Shows a failure without failing the whole: [`Impact::NonCritical`].
    pub fn non_critical(self) -> Self {
        self.impact(Impact::NonCritical)
    }

    /// Sets the duration from which on the log names the check as slow; default
    /// [`DEFAULT_SLOW_AFTER`](crate::DEFAULT_SLOW_AFTER).
    pub fn slow_after(mut self, duration: Duration) -> Self {
        self.tuning.slow_after = Some(duration);
        self
    }

    /// Sets for how long a success of real traffic spares the check a run; default: not at all.
    /// See [`Management::evidence`](crate::Management::evidence).
    pub fn evidence_ttl(mut self, ttl: Duration) -> Self {
        self.tuning.evidence_ttl = Some(ttl);
        self
    }

    /// Counts on readiness too.
    pub fn readiness(mut self) -> Self {
        self.shown.readiness = true;
        self
    }

    /// Counts on readiness and not on `/health`.
    pub fn readiness_only(mut self) -> Self {
        self.shown = ShownOn {
            health: false,
            readiness: true,
        };
        self
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
