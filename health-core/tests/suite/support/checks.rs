//! Checks that behave as a test wants it: that hang, fail, panic, flap, block, and count.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    time::Duration,
};

use health_core::{Check, CheckError, CheckResult, Health, IntoHealth, Scope, async_trait};

/// Returns the same health each time.
pub(crate) fn holds(health: Health) -> impl Check {
    move || {
        let health = health.clone();
        async move { health }
    }
}

/// Fails with a text.
pub(crate) fn failing(reason: &'static str) -> impl Check {
    move || async move { Err::<(), _>(CheckError::new(reason)) }
}

/// Never ends.
pub(crate) struct Hangs;

#[async_trait]
impl Check for Hangs {
    async fn check(&self) -> CheckResult {
        std::future::pending().await
    }
}

/// Is UP after a while.
pub(crate) fn after(delay: Duration) -> impl Check {
    Slow {
        delay,
        check: holds(Health::up()),
    }
}

/// Waits, then asks another check.
pub(crate) struct Slow<C> {
    pub(crate) delay: Duration,
    pub(crate) check: C,
}

#[async_trait]
impl<C: Check> Check for Slow<C> {
    async fn check(&self) -> CheckResult {
        tokio::time::sleep(self.delay).await;
        self.check.check().await
    }
}

/// Gives one health per run and stays on the last.
pub(crate) struct Sequence {
    healths: Vec<Health>,
    runs: AtomicUsize,
}

impl Sequence {
    pub(crate) fn new(healths: impl IntoIterator<Item = Health>) -> Self {
        Self {
            healths: healths.into_iter().collect(),
            runs: AtomicUsize::new(0),
        }
    }
}

#[async_trait]
impl Check for Sequence {
    async fn check(&self) -> CheckResult {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        let health = self.healths.get(run).or(self.healths.last());
        health
            .cloned()
            .ok_or_else(|| CheckError::new("an empty sequence"))
    }
}

/// Keeps its thread from doing anything else.
pub(crate) struct BlocksThread(Mutex<Receiver<()>>);

impl BlocksThread {
    /// Makes one that blocks until the sender is dropped.
    pub(crate) fn new() -> (Self, Sender<()>) {
        let (sender, receiver) = mpsc::channel();
        (Self(Mutex::new(receiver)), sender)
    }

    pub(crate) fn block(&self) {
        let receiver = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        _ = receiver.recv();
    }
}

#[async_trait]
impl Check for BlocksThread {
    async fn check(&self) -> CheckResult {
        self.block();
        Ok(Health::up())
    }
}

/// Panics, somewhere in the life of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Panics {
    /// When it is called, before there is a future.
    AtCall,
    /// At the first poll.
    InPoll,
    /// After it was pending once.
    Later,
    /// When the future that ended is dropped.
    OnDrop,
    /// When the future that hangs is dropped at the deadline.
    OnDropAtTheDeadline,
    /// With something that is no text.
    WithNoText,
    /// When its error is asked for its text.
    InItsError,
    /// On a blocking thread.
    Blocking,
}

impl Panics {
    pub(crate) const TEXT: &str = "kaboom";

    pub(crate) const ALL: [Self; 8] = [
        Self::AtCall,
        Self::InPoll,
        Self::Later,
        Self::OnDrop,
        Self::OnDropAtTheDeadline,
        Self::WithNoText,
        Self::InItsError,
        Self::Blocking,
    ];
}

type Checked<'a> = std::pin::Pin<Box<dyn Future<Output = CheckResult> + Send + 'a>>;

impl Check for Panics {
    fn check<'a, 'b>(&'a self) -> Checked<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let this = *self;
        if matches!(this, Self::AtCall) {
            panic!("{}", Self::TEXT);
        }
        Box::pin(async move {
            match this {
                Self::AtCall | Self::InPoll => panic!("{}", Self::TEXT),
                Self::Later => {
                    tokio::task::yield_now().await;
                    panic!("{}", Self::TEXT)
                }
                Self::OnDrop => {
                    let _bomb = PanicsOnDrop;
                    Ok(Health::up())
                }
                Self::OnDropAtTheDeadline => {
                    let _bomb = PanicsOnDrop;
                    std::future::pending().await
                }
                Self::WithNoText => std::panic::panic_any(42),
                Self::InItsError => Err(PanicsInDisplay.into()),
                Self::Blocking => {
                    let blocking = health_core::blocking(|| -> bool { panic!("{}", Self::TEXT) });
                    blocking.check().await
                }
            }
        })
    }
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("{}", Panics::TEXT);
    }
}

#[derive(Debug)]
struct PanicsInDisplay;

impl std::error::Error for PanicsInDisplay {}

impl std::fmt::Display for PanicsInDisplay {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("{}", Panics::TEXT)
    }
}

/// Gives a check a scope.
pub(crate) fn of_scope(scope: Scope, check: impl Check) -> impl Check {
    Scoped { scope, check }
}

struct Scoped<C> {
    scope: Scope,
    check: C,
}

#[async_trait]
impl<C: Check> Check for Scoped<C> {
    async fn check(&self) -> CheckResult {
        self.check.check().await
    }

    fn scope(&self) -> Scope {
        self.scope
    }
}

/// Counts the runs of the checks that were given to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    started: AtomicUsize,
    under_way: AtomicUsize,
    most_at_once: AtomicUsize,
    completed: AtomicUsize,
}

impl Runs {
    /// Wraps a check so that its runs are counted here.
    pub(crate) fn count(&self, check: impl Check) -> impl Check {
        Counted {
            runs: self.clone(),
            check,
        }
    }

    pub(crate) fn started(&self) -> usize {
        self.0.started.load(Ordering::SeqCst)
    }

    pub(crate) fn under_way(&self) -> usize {
        self.0.under_way.load(Ordering::SeqCst)
    }

    /// Returns how many ran to their end, instead of being dropped on the way.
    pub(crate) fn completed(&self) -> usize {
        self.0.completed.load(Ordering::SeqCst)
    }

    pub(crate) fn most_at_once(&self) -> usize {
        self.0.most_at_once.load(Ordering::SeqCst)
    }

    fn start(&self) -> UnderWay<'_> {
        self.0.started.fetch_add(1, Ordering::SeqCst);
        let now = self.0.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.0.most_at_once.fetch_max(now, Ordering::SeqCst);
        UnderWay(&self.0)
    }
}

/// One run, until it is dropped.
struct UnderWay<'a>(&'a Counts);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Counted<C> {
    runs: Runs,
    check: C,
}

#[async_trait]
impl<C: Check> Check for Counted<C> {
    async fn check(&self) -> CheckResult {
        let _under_way = self.runs.start();
        let result = self.check.check().await;
        self.runs.0.completed.fetch_add(1, Ordering::SeqCst);
        result.into_health()
    }

    fn scope(&self) -> Scope {
        self.check.scope()
    }
}
