//! The signals by which a process is asked to end.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll},
};

#[cfg(unix)]
type Stream = tokio::signal::unix::Signal;

#[cfg(windows)]
type Stream = tokio::signal::windows::CtrlC;

/// The signals that could be listened to, by name.
#[derive(Debug)]
pub(super) struct Signals(Vec<(&'static str, Stream)>);

impl Signals {
    /// Listens; a signal that cannot be listened to is reported and keeps its usual effect.
    pub(super) fn listen() -> Self {
        let streams = streams()
            .into_iter()
            .filter_map(|(name, stream)| match stream {
                Ok(stream) => Some((name, stream)),
                Err(error) => {
                    tracing::error!(signal = name, %error, "cannot be listened to");
                    None
                }
            });
        Self(streams.collect())
    }

    pub(super) async fn next(&mut self) -> &'static str {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<&'static str> {
        for (name, stream) in &mut self.0 {
            if let Poll::Ready(Some(())) = stream.poll_recv(cx) {
                return Poll::Ready(name);
            }
        }
        Poll::Pending
    }
}

#[cfg(unix)]
fn streams() -> [(&'static str, io::Result<Stream>); 2] {
    use tokio::signal::unix::{SignalKind, signal};
    [
        ("SIGTERM", signal(SignalKind::terminate())),
        ("SIGINT", signal(SignalKind::interrupt())),
    ]
}

#[cfg(windows)]
fn streams() -> [(&'static str, io::Result<Stream>); 1] {
    [("Ctrl-C", tokio::signal::windows::ctrl_c())]
}
