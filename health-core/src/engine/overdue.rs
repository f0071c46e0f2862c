//! Runs that should have ended by now.

use std::{future::poll_fn, pin::pin, sync::atomic::Ordering::Relaxed, time::Duration};

use tokio::time::Instant;

use super::{Entry, stats::Stats, wait::UNYIELDING_GRACE};

impl Entry {
    /// Returns for how long the run under way has been beyond its deadline, if it keeps a thread.
    ///
    /// One that keeps none would have been dropped at its deadline: it waits for the thread that
    /// another one keeps.
    pub(crate) fn overdue(&self) -> Option<Duration> {
        let deadline = self.under_way()?.deadline;
        let overdue = Instant::now().checked_duration_since(deadline)?;
        let keeps_thread = self.stats.keeps_thread.load(Relaxed);
        (keeps_thread && overdue >= UNYIELDING_GRACE).then_some(overdue)
    }
}

/// Notes while a run keeps its thread, to be seen from outside.
pub(super) async fn noting_polls<F: Future>(stats: &Stats, run: F) -> F::Output {
    let mut run = pin!(run);
    poll_fn(|cx| {
        stats.keeps_thread.store(true, Relaxed);
        let polled = run.as_mut().poll(cx);
        stats.keeps_thread.store(false, Relaxed);
        polled
    })
    .await
}
