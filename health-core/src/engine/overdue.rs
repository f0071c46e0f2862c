//! Runs that should have ended by now.

use std::{
    future::poll_fn,
    pin::pin,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use tokio::time::Instant;

use super::{Entry, flight::Flight, wait::UNYIELDING_GRACE};

impl Entry {
    /// Returns for how long a run under way has been beyond its deadline, if it keeps a thread.
    pub(crate) fn overdue(&self) -> Option<Duration> {
        let overdue = self.under_way().into_iter().filter_map(Flight::overdue);
        overdue.max()
    }
}

impl Flight {
    /// One that keeps no thread would have been dropped at its deadline: it waits for the thread
    /// that another one keeps.
    fn overdue(self) -> Option<Duration> {
        let overdue = Instant::now().checked_duration_since(self.deadline())?;
        (self.keeps_thread() && overdue >= UNYIELDING_GRACE).then_some(overdue)
    }
}

/// Notes while a run keeps its thread, to be seen from outside.
pub(super) async fn noting_polls<F: Future>(keeps_thread: &AtomicBool, run: F) -> F::Output {
    let mut run = pin!(run);
    poll_fn(|cx| {
        keeps_thread.store(true, Relaxed);
        let polled = run.as_mut().poll(cx);
        keeps_thread.store(false, Relaxed);
        polled
    })
    .await
}
