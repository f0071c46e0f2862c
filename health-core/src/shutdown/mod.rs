//! The end of the application, begun by a signal.

mod signals;

use std::{future::poll_fn, pin::pin, task::Poll};

use self::signals::Signals;
use crate::Management;

impl Management {
    /// Waits for SIGTERM or Ctrl-C, [drains](Management::drain), and returns when the server may be
    /// stopped: give it to axum's `with_graceful_shutdown`, or await it beside the server. A second
    /// signal ends the grace period at once.
    ///
    /// From the call on the signals no longer end the process by themselves: call it before saying
    /// that the application is there.
    /// The grace period is that of [`Builder::drain_grace`](crate::Builder::drain_grace).
    ///
    /// # Panics
    /// When called outside of a tokio runtime whose I/O is enabled.
    pub fn drain_on_signal(&self) -> impl Future<Output = ()> + Send + 'static {
        let management = self.clone();
        let mut signals = Signals::listen();
        async move {
            let signal = signals.next().await;
            tracing::info!(signal, "received");
            let mut drained = pin!(management.drain());
            poll_fn(|cx| {
                if let Poll::Ready(signal) = signals.poll_next(cx) {
                    tracing::warn!(signal, "received again: the grace period is cut short");
                    return Poll::Ready(());
                }
                drained.as_mut().poll(cx)
            })
            .await;
        }
    }
}
