//! Checks that do as they are told.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use crate::{Check, CheckError, CheckResult, Health, Scope, Status, async_trait};

/// A check with a script: what it does at each run, after how long, and what it says of itself.
///
/// The last step of a script is repeated for ever.
#[derive(Debug)]
#[must_use = "a script does nothing until it is registered"]
pub struct Script {
    steps: Vec<Step>,
    runs: AtomicUsize,
    delay: Duration,
    block: Duration,
    scope: Scope,
}

/// What a run ends with.
#[derive(Clone, Debug)]
enum Step {
    Health(Box<Health>),
    Error(String),
    Panic(String),
    Hang,
}

impl Script {
    fn new(steps: Vec<Step>) -> Self {
        Self {
            steps,
            runs: AtomicUsize::new(0),
            delay: Duration::ZERO,
            block: Duration::ZERO,
            scope: Scope::Unspecified,
        }
    }

    /// Gives the same health at each run.
    pub fn health(health: Health) -> Self {
        Self::new(vec![Step::Health(Box::new(health))])
    }

    /// Is UP at each run.
    pub fn up() -> Self {
        Self::health(Health::up())
    }

    /// Is DOWN at each run.
    pub fn down() -> Self {
        Self::health(Health::down())
    }

    /// Flaps: gives one status at each run.
    pub fn sequence<S: Into<Status>>(statuses: impl IntoIterator<Item = S>) -> Self {
        let steps = statuses
            .into_iter()
            .map(|status| Step::Health(Box::new(Health::new(status))));
        Self::new(steps.collect())
    }

    /// Fails with a reason.
    pub fn error(reason: impl Into<String>) -> Self {
        Self::new(vec![Step::Error(reason.into())])
    }

    /// Panics with a text.
    pub fn panic(text: impl Into<String>) -> Self {
        Self::new(vec![Step::Panic(text.into())])
    }

    /// Never ends.
    pub fn hang() -> Self {
        Self::new(vec![Step::Hang])
    }

    /// Waits before each end; default: not at all.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Blocks its thread before each end, as a badly written check does; default: not at all.
    pub fn blocking(mut self, time: Duration) -> Self {
        self.block = time;
        self
    }

    /// Says whom it asks; default [`Scope::Unspecified`].
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

#[async_trait]
impl Check for Script {
    async fn check(&self) -> CheckResult {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        if !self.block.is_zero() {
            std::thread::sleep(self.block);
        }
        match self.steps.get(run).or(self.steps.last()) {
            Some(Step::Health(health)) => Ok(Health::clone(health)),
            Some(Step::Error(reason)) => Err(CheckError::new(reason)),
            Some(Step::Panic(text)) => std::panic::resume_unwind(Box::new(text.clone())),
            Some(Step::Hang) => std::future::pending().await,
            None => Err(CheckError::new("the script is empty")),
        }
    }

    fn scope(&self) -> Scope {
        self.scope
    }
}
