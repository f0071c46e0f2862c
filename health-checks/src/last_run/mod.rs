//! Freshness of what a scheduler runs.

mod history;
mod runs;
mod store;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait, info::rfc3339};

pub use self::runs::{Run, Runs};
use self::{history::History, runs::Record};
use crate::{SettingError, millis::millis};

/// The failures in a row from which on a job is DOWN, however young its last success; see
/// [`LastRun::failures_until_down`].
pub const DEFAULT_FAILURES_UNTIL_DOWN: u32 = 3;

/// Checks that a job that runs from time to time has succeeded lately.
///
/// Details: `lastSuccess`, `lastSuccessMs` (how long that took), `lastFailure`, `lastFailureReason`,
/// `consecutiveFailures`, `running`, `runningMs`, `ageSeconds` (since the last success ended),
/// `maxAgeSeconds`, `fileError`, `error` when DOWN.
///
/// It is DOWN when the last success is too old, when too many runs in a row failed, and when a run
/// takes too long. Before the first success that is known of it is UNKNOWN for as long as a success
/// may be old, counted from when this was made, and DOWN then; with [`LastRun::file`] a restart
/// forgets nothing.
///
/// Time is monotonic, and tokio's where its clock is paused. Nothing is waited for.
///
/// ```
/// use std::time::Duration;
///
/// use health_checks::LastRun;
///
/// # async fn send_invoices() -> Result<(), std::io::Error> { Ok(()) }
/// # async fn doc() -> Result<(), Box<dyn std::error::Error>> {
/// let (last_run, runs) = LastRun::new(Duration::from_hours(25));
/// tokio::spawn(async move {
///     loop {
///         _ = runs.record(send_invoices()).await;
///         tokio::time::sleep(Duration::from_hours(24)).await;
///     }
/// });
/// let management = health_core::Management::builder("billing")
///     .check("invoices", last_run.max_duration(Duration::from_hours(1)))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a check does nothing until it is registered"]
pub struct LastRun {
    record: Arc<Record>,
    max_age: Duration,
    first_within: Duration,
    max_duration: Option<Duration>,
    failures_until_down: u32,
}

impl LastRun {
    /// Makes a check and the handle by which runs are recorded; a last success older than `max_age`
    /// (exclusive) is DOWN. Allow for one interval and the time that a run takes.
    pub fn new(max_age: Duration) -> (Self, Runs) {
        let record = Arc::new(Record::default());
        let runs = Runs(Arc::clone(&record));
        let check = Self {
            record,
            max_age,
            first_within: max_age,
            max_duration: None,
            failures_until_down: DEFAULT_FAILURES_UNTIL_DOWN,
        };
        (check, runs)
    }

    /// Sets the time within which (inclusive) the first success has to come where none is known,
    /// counted from when this was made; default is as long as a success may be old.
    pub fn first_within(mut self, time: Duration) -> Self {
        self.first_within = time;
        self
    }

    /// Sets the time above which (exclusive) a run under way is DOWN; by default it may take as long
    /// as the last success is young enough.
    pub fn max_duration(mut self, time: Duration) -> Self {
        self.max_duration = Some(time);
        self
    }

    /// Sets the failures in a row from which on (inclusive) it is DOWN, at least 1; default
    /// [`DEFAULT_FAILURES_UNTIL_DOWN`].
    pub fn failures_until_down(mut self, failures: u32) -> Self {
        self.failures_until_down = failures.max(1);
        self
    }

    /// Keeps the last runs in a file, so that a process that was restarted knows of them, and reads
    /// what is there. One line is replaced as a whole at the end of each run, before that returns.
    /// The reasons of failures are not written.
    ///
    /// What is there but cannot be read, and a write that fails, is the detail `fileError`; the
    /// check goes by the runs that it knows of.
    ///
    /// # Errors
    /// Fails when the path does not name a file in a folder that exists.
    pub fn file(self, path: impl Into<PathBuf>) -> Result<Self, SettingError> {
        self.record.keep_in(path.into())?;
        Ok(self)
    }

    fn error(&self, history: &History) -> Option<String> {
        let running = history.running_for();
        if let (Some(running), Some(max)) = (running, self.max_duration)
            && running > max
        {
            return Some(format!(
                "runs for {}, longer than {}",
                Shown(running),
                Shown(max)
            ));
        }
        if history.failures >= self.failures_until_down {
            return Some(match history.failures {
                1 => "the last run failed".to_owned(),
                failures => format!("the last {failures} runs failed"),
            });
        }
        let (age, max) = match &history.success {
            Some(success) => (success.age(), self.max_age),
            None => (history.made.elapsed(), self.first_within),
        };
        (age > max).then(|| match history.success {
            Some(_) => format!(
                "the last success is {} old, more than {}",
                Shown(age),
                Shown(max)
            ),
            None => format!("no run has succeeded within {}", Shown(max)),
        })
    }
}

#[async_trait]
impl Check for LastRun {
    async fn check(&self) -> CheckResult {
        let history = self.record.history();
        let error = self.error(&history);
        let status = match (&error, &history.success) {
            (Some(_), _) => Status::DOWN,
            (None, Some(_)) => Status::UP,
            (None, None) => Status::UNKNOWN,
        };
        let (success, failure) = (&history.success, &history.failure);
        Ok(Health::new(status)
            .detail("lastSuccess", success.as_ref().map(|end| rfc3339(end.at)))
            .detail(
                "lastSuccessMs",
                success.as_ref().map(|end| millis(end.took)),
            )
            .detail("lastFailure", failure.as_ref().map(|end| rfc3339(end.at)))
            .detail("lastFailureReason", history.reason.as_deref())
            .detail("consecutiveFailures", history.failures)
            .detail("running", !history.running.is_empty())
            .detail("runningMs", history.running_for().map(millis))
            .detail(
                "ageSeconds",
                success.as_ref().map(|end| end.age().as_secs()),
            )
            .detail("maxAgeSeconds", self.max_age.as_secs())
            .detail("fileError", history.file_error.as_deref())
            .detail("error", error))
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

impl fmt::Debug for LastRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastRun")
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}

/// Shows a time in seconds, or in milliseconds where it is below ten seconds.
struct Shown(Duration);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            0..10 => write!(f, "{} ms", self.0.as_millis()),
            seconds => write!(f, "{seconds} s"),
        }
    }
}
