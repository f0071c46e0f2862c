//! The threads that stand beside the application's runtime.

use std::{
    future::pending,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::runtime::Handle;

use super::hanging::Hanging;
use crate::{Management, management::Inner, own_thread::OwnThread};

const WATCH_THREAD: &str = "health-watch";
const CHECKS_THREAD: &str = "health-checks";

/// The threads of one application, as far as they were needed.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    watch: Mutex<Option<OwnThread>>,
    checks: Mutex<Option<OwnThread>>,
}

impl Management {
    /// Watches the runtime on which this is called, until it or the last handle ends; a second call
    /// changes nothing.
    ///
    /// A task on the runtime beats, and a thread of our own looks whether it does. The component
    /// `livenessState` shows the lag as the detail `runtimeLagMs`, and is DOWN from the budget of
    /// [`RuntimeWatch::wedged_after`](crate::RuntimeWatch::wedged_after) on until the runtime runs
    /// again; the log tells when the runtime starves, and names checks that do not come back.
    /// `Management::serve_on` and [`HeartbeatFile::start`](crate::HeartbeatFile::start) call this
    /// themselves. Under actix-web, whose workers have a runtime each, it watches the one on which
    /// it is called.
    ///
    /// A current-thread runtime beats only while something is being `block_on`ed: do not watch one
    /// that was made for the start only.
    ///
    /// # Errors
    /// There is no tokio runtime here, or the thread cannot be started.
    pub fn watch_runtime(&self) -> io::Result<()> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        self.0.heartbeat.start(runtime);
        self.start_watch_thread()
    }

    /// Returns by how much the timers of the application's runtime are late at the moment; nothing
    /// where [`Management::watch_runtime`] does not watch it.
    pub fn runtime_lag(&self) -> Option<Duration> {
        self.0.heartbeat.lag()
    }

    /// Makes ready for questions that come on a thread of our own: checks then run on the
    /// application's runtime, which is the one where this is called or where checks ran before.
    ///
    /// A process without any gets a runtime for its checks, on a thread of its own, so that a check
    /// which blocks keeps nobody else from an answer.
    pub(crate) fn prepare_for_outside(&self) -> io::Result<()> {
        if Handle::try_current().is_ok() {
            self.0.engine.schedule().keep_running();
            return self.watch_runtime();
        }
        let mut checks = lock(&self.0.outside.checks);
        if !self.0.engine.has_home() {
            let thread = checks.insert(OwnThread::start(CHECKS_THREAD, pending)?);
            let _inside = thread.runtime().enter();
            self.0.engine.schedule().keep_running();
        }
        drop(checks);
        self.start_watch_thread()
    }

    fn start_watch_thread(&self) -> io::Result<()> {
        let mut watch = lock(&self.0.outside.watch);
        if watch.is_none() {
            let interval = self.0.heartbeat.interval();
            let inner = Arc::downgrade(&self.0);
            *watch = Some(OwnThread::start(WATCH_THREAD, move || {
                look(Weak::clone(&inner), interval)
            })?);
        }
        Ok(())
    }
}

async fn look(inner: Weak<Inner>, interval: Duration) {
    let mut hanging = Hanging::default();
    while let Some(inner) = inner.upgrade() {
        inner.heartbeat.look();
        hanging.look(&Management(inner));
        tokio::time::sleep(interval).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
