//! The trait that every check implements, and what makes closures checks.

use std::{error::Error, fmt, sync::Arc};

use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::{
    Health,
    health::{IntoHealth, write_chain},
};

/// Determines the health of one component.
///
/// The engine runs a check concurrently with the others, at most once at a time, on a task of its
/// own, and drops its future at the deadline: what must be tidied up is tidied up by `Drop`. Only a
/// check of [`Scope::Application`] runs beside itself, for questions that come through other
/// applications: see [`Call`](crate::Call).
/// A panic is DOWN of this component and nothing else. Closures that return a future of a `bool`,
/// a `Result` or a [`Health`] are checks too; for blocking code there is [`blocking`].
///
/// ```
/// use health_core::{Check, CheckResult, Health, async_trait};
///
/// struct Spool(std::path::PathBuf);
///
/// #[async_trait]
/// impl Check for Spool {
///     async fn check(&self) -> CheckResult {
///         let files = std::fs::read_dir(&self.0)?.count(); // an error is DOWN with its reason
///         Ok(Health::up().detail("files", files))
///     }
/// }
/// ```
#[async_trait]
pub trait Check: Send + Sync + 'static {
    /// Determines the health now.
    ///
    /// # Errors
    /// An error is DOWN, with its text and causes as the detail `error`.
    async fn check(&self) -> CheckResult;

    /// Says whom the check asks; nothing is assumed unless it is said.
    fn scope(&self) -> Scope {
        Scope::Unspecified
    }

    /// Returns the check that answers for the component in a group, where that is another one.
    ///
    /// A service dependency asks the other application for its group of the same name.
    fn for_group(&self, group: &str) -> Option<Arc<dyn Check>> {
        let _ = group;
        None
    }
}

/// What a check returns.
pub type CheckResult = Result<Health, CheckError>;

/// Says whom a check asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Not said.
    Unspecified,
    /// This process or this host.
    Local,
    /// Something else on the network: a database, a broker, a server.
    External,
    /// The management endpoint of another application, which may ask ours in turn: never asked in
    /// a loop. Only checks of this scope are told the trail of a question.
    Application,
}

/// Says why a check failed.
///
/// Made from any error by `?`, or from a text. Shows the error and its causes in one line.
pub struct CheckError(Box<dyn Error + Send + Sync>);

impl CheckError {
    /// Makes an error of a text.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into().into())
    }

    /// Makes an error of one whose type is not known.
    pub fn from_boxed(error: Box<dyn Error + Send + Sync>) -> Self {
        Self(error)
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for CheckError {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_chain(self.0.as_ref(), f)
    }
}

impl fmt::Debug for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[async_trait]
impl<F, Fut> Check for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: IntoHealth,
{
    async fn check(&self) -> CheckResult {
        self().await.into_health()
    }
}

#[async_trait]
impl Check for Arc<dyn Check> {
    async fn check(&self) -> CheckResult {
        self.as_ref().check().await
    }

    fn scope(&self) -> Scope {
        self.as_ref().scope()
    }

    fn for_group(&self, group: &str) -> Option<Arc<dyn Check>> {
        self.as_ref().for_group(group)
    }
}

/// Makes a check of a closure that blocks its thread; it runs on the runtime's blocking threads.
///
/// At the deadline the component is DOWN at once; the closure itself cannot be stopped and ends by
/// itself. Until then it is not called again, so that one which never ends holds a single thread.
///
/// ```
/// # use health_core::Check;
/// let check = health_core::blocking(|| std::fs::metadata("/var/spool/orders").map(|_| ()));
/// # fn is_check(_: impl Check) {}
/// # is_check(check);
/// ```
pub fn blocking<F, R>(f: F) -> impl Check
where
    F: Fn() -> R + Send + Sync + 'static,
    R: IntoHealth + 'static,
{
    let f = Arc::new(f);
    let turns = Arc::new(Semaphore::new(1));
    move || {
        let (f, turns) = (Arc::clone(&f), Arc::clone(&turns));
        async move {
            let turn = turns.acquire_owned().await?;
            let call = move || {
                let _turn = turn;
                f().into_health()
            };
            match tokio::task::spawn_blocking(call).await {
                Ok(result) => result,
                Err(error) => match error.try_into_panic() {
                    Ok(panic) => std::panic::resume_unwind(panic),
                    Err(_) => Err(CheckError::new("the runtime is shutting down")),
                },
            }
        }
    }
}
