//! Migrations that have to be done before the application takes traffic.

mod attempt;
mod lock;
mod program;
mod state;

use std::{
    error::Error,
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use health_core::{Check, CheckResult, Scope, async_trait};
use tokio::{runtime::Handle, sync::Notify, task::AbortHandle};

#[cfg(feature = "mysql")]
pub use self::lock::MySqlLock;
#[cfg(feature = "postgres")]
pub use self::lock::PostgresLock;
pub use self::lock::{HeldLock, MigrationLock};
use self::{attempt::Plan, program::Program, state::State};
use crate::{Command, SettingError};

/// How long one attempt may take, and how long the lock is waited for before it.
pub const DEFAULT_MIGRATION_DEADLINE: Duration = Duration::from_secs(10 * 60);

/// How long after an attempt that failed the next one begins.
pub const DEFAULT_MIGRATION_RETRY: Duration = Duration::from_secs(60);

/// Runs migrations before the application is ready, and holds readiness until they are done.
///
/// Details: `state` (`waiting`, `locking`, `running`, `failed`, `done`), `attempts`, `durationMs` of
/// the last attempt, `output` of the program as far as it is kept, `error` of the last attempt.
///
/// OUT_OF_SERVICE until they are done, DOWN after an attempt that failed, UP when they are done.
/// Register it with [`Component::readiness`](health_core::Component::readiness). An attempt that
/// fails or takes longer than its deadline is followed by another one; a program is killed then,
/// with all that it started, and a closure's future is dropped. Nothing is listened on.
///
/// Where many units of an application start at once, a [`MigrationLock`] lets one after the other
/// migrate; a migration that is done already has to be a success when it runs again.
///
/// ```
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// use health_checks::MigrationGate;
/// use health_core::{Component, Management};
///
/// let gate = MigrationGate::in_folder("/app")?.start();
/// let management = Management::builder("orders")
///     .component(Component::new("migration", gate.clone()).readiness())
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is migrated until `start` is called"]
pub struct MigrationGate(Plan);

impl MigrationGate {
    /// Migrates by a closure, such as one that runs sqlx's migrator.
    ///
    /// That one has a lock of its own, which after a failure stays with a connection of the pool:
    /// the next attempt would wait for it in vain. Switch it off by `Migrator::set_locking(false)`,
    /// and use [`lock`](Self::lock) instead.
    pub fn new<F, Fut, E>(migrate: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        Self(Plan::closure(move || {
            let migrating = migrate();
            Box::pin(async move { migrating.await.map_err(Into::into) })
        }))
    }

    /// Migrates by a command, which is told nothing of the environment unless it asks for it.
    pub fn command(command: Command) -> Self {
        Self(Plan::program(Program::of(command)))
    }

    /// Migrates by what a 12-factor platform looks for in the folder of the application: `migrate`,
    /// or `migrate.sh` which wins over it and is run by `bash -eo pipefail`. It has the environment
    /// of this process; values of variables whose names speak of secrets, and passwords in
    /// connect strings, are hidden in what it prints.
    ///
    /// # Errors
    /// Fails when the folder has neither.
    pub fn in_folder(folder: impl AsRef<Path>) -> Result<Self, SettingError> {
        Ok(Self(Plan::program(Program::in_folder(folder.as_ref())?)))
    }

    /// Sets how long an attempt may take; default [`DEFAULT_MIGRATION_DEADLINE`].
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.0.deadline = deadline;
        self
    }

    /// Sets how long after a failure the next attempt begins; default [`DEFAULT_MIGRATION_RETRY`].
    pub fn retry_after(mut self, time: Duration) -> Self {
        self.0.retry_after = time;
        self
    }

    /// Takes a lock for each attempt, so that one unit at a time migrates.
    pub fn lock(mut self, lock: impl MigrationLock) -> Self {
        self.0.lock = Some(Box::new(lock));
        self
    }

    /// Begins to migrate, on the runtime that this is called on.
    ///
    /// # Panics
    /// When it is called outside of a tokio runtime.
    #[must_use = "dropping the last clone stops the migration"]
    pub fn start(self) -> MigrationState {
        let shared = Arc::new(Shared::default());
        let work = self.0.run(Arc::clone(&shared));
        let task = Handle::current().spawn(work).abort_handle();
        MigrationState(Arc::new(Running { shared, task }))
    }
}

/// Shows what migrates, and nothing that may be a secret.
impl fmt::Debug for MigrationGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MigrationGate").field(&self.0).finish()
    }
}

/// The migrations under way; the check that holds readiness. Cheap to clone.
#[derive(Clone)]
pub struct MigrationState(Arc<Running>);

/// Stops the migration with the last clone.
struct Running {
    shared: Arc<Shared>,
    task: AbortHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the migration tells the check, and the other way round.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    again: Notify,
    done: Notify,
}

impl Shared {
    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl MigrationState {
    /// Tells whether the migrations are done.
    pub fn is_done(&self) -> bool {
        self.0.shared.change(|state| state.is_done())
    }

    /// Returns why the last attempt failed; nothing while one is under way or after a success.
    pub fn last_error(&self) -> Option<String> {
        self.0.shared.change(|state| state.failed_with())
    }

    /// Waits until the migrations are done, however many attempts that takes.
    pub async fn done(&self) {
        loop {
            let told = self.0.shared.done.notified();
            if self.is_done() {
                return;
            }
            told.await;
        }
    }

    /// Migrates once more: at once after a failure, and also after a success, as when another
    /// database has been given to the application. Readiness is held meanwhile.
    pub fn run_again(&self) {
        self.0.shared.change(State::wait);
        self.0.shared.again.notify_one();
    }
}

#[async_trait]
impl Check for MigrationState {
    async fn check(&self) -> CheckResult {
        Ok(self.0.shared.change(|state| state.health()))
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

impl fmt::Debug for MigrationState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MigrationState")
            .field("is_done", &self.is_done())
            .finish_non_exhaustive()
    }
}
