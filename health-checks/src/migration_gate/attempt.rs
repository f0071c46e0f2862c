//! One attempt after the other.

use std::{error::Error, fmt, pin::Pin, sync::Arc, time::Duration};

use health_core::CheckError;
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    DEFAULT_MIGRATION_DEADLINE, DEFAULT_MIGRATION_RETRY, MigrationLock, Shared,
    program::Program,
    state::{Ended, State},
};
use crate::millis::millis;

type Cause = Box<dyn Error + Send + Sync>;
type Migrating = Pin<Box<dyn Future<Output = Result<(), Cause>> + Send>>;

/// What is done in an attempt.
pub(super) struct Plan {
    step: Step,
    pub(super) lock: Option<Box<dyn MigrationLock>>,
    pub(super) deadline: Duration,
    pub(super) retry_after: Duration,
}

enum Step {
    Closure(Arc<dyn Fn() -> Migrating + Send + Sync>),
    Program(Program),
}

impl Plan {
    pub(super) fn closure(closure: impl Fn() -> Migrating + Send + Sync + 'static) -> Self {
        Self::of(Step::Closure(Arc::new(closure)))
    }

    pub(super) fn program(program: Program) -> Self {
        Self::of(Step::Program(program))
    }

    fn of(step: Step) -> Self {
        Self {
            step,
            lock: None,
            deadline: DEFAULT_MIGRATION_DEADLINE,
            retry_after: DEFAULT_MIGRATION_RETRY,
        }
    }

    /// Migrates until that is done, and again when it is asked for.
    pub(super) async fn run(self, shared: Arc<Shared>) {
        loop {
            self.attempt(&shared).await;
            let again = shared.again.notified();
            if shared.change(|state| state.is_done()) {
                shared.done.notify_waiters();
                again.await;
                continue;
            }
            _ = timeout(self.retry_after, again).await;
        }
    }

    async fn attempt(&self, shared: &Shared) {
        let began = Instant::now();
        shared.change(State::lock);
        let locked = match &self.lock {
            None => Ok(None),
            Some(lock) => match timeout_at(began + self.deadline, lock.acquire()).await {
                Ok(Ok(held)) => Ok(Some(held)),
                Ok(Err(error)) => Err(format!("the lock: {error}")),
                Err(_) => Err("another unit has the lock still".to_owned()),
            },
        };
        let ended = match locked {
            Err(error) => Ended {
                took: began.elapsed(),
                output: None,
                result: Err(error),
            },
            Ok(held) => {
                shared.change(State::run);
                let began = Instant::now();
                let (output, result) = self.migrate(began + self.deadline).await;
                drop(held);
                Ended {
                    took: began.elapsed(),
                    output,
                    result,
                }
            }
        };
        match &ended.result {
            Ok(()) => tracing::info!(took_ms = millis(ended.took), "migrated"),
            Err(error) => tracing::error!(
                error,
                retry_seconds = self.retry_after.as_secs(),
                "the migration failed"
            ),
        }
        shared.change(|state| state.end(ended));
    }

    async fn migrate(&self, deadline: Instant) -> (Option<String>, Result<(), String>) {
        match &self.step {
            Step::Program(program) => program.run(deadline).await,
            Step::Closure(closure) => {
                let closure = Arc::clone(closure);
                let migrating = tokio::spawn(async move { timeout_at(deadline, closure()).await });
                let stop = StopOnDrop(migrating.abort_handle());
                let result = match migrating.await {
                    Ok(Ok(Ok(()))) => Ok(()),
                    Ok(Ok(Err(error))) => Err(CheckError::from_boxed(error).to_string()),
                    Ok(Err(_)) => Err(format!("not done within {:?}", self.deadline)),
                    Err(_) => Err("the migration panicked".to_owned()),
                };
                drop(stop);
                (None, result)
            }
        }
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step: &dyn fmt::Debug = match &self.step {
            Step::Closure(_) => &"closure",
            Step::Program(program) => program,
        };
        f.debug_struct("Plan")
            .field("step", step)
            .field("has_lock", &self.lock.is_some())
            .field("deadline", &self.deadline)
            .field("retry_after", &self.retry_after)
            .finish()
    }
}

/// Stops a closure whose gate is dropped.
struct StopOnDrop(tokio::task::AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
