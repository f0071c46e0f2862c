//! What makes a process stop: a signal, or that whoever started it is gone.

use std::{io, thread};

use tokio::sync::oneshot;

/// Says what stops a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Ctrl-C or SIGTERM.
    OnSignal,
    /// The end of standard input as well: a pipe ends with the process at its other end, however
    /// that one ends.
    WithStandardInput,
}

impl Stop {
    /// Ends with a signal that `signalled` waits for, or with standard input where that counts.
    pub(crate) fn requested(
        self,
        signalled: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> + Send + 'static {
        let standard_input = (self == Self::WithStandardInput).then(end_of_standard_input);
        async move {
            match standard_input {
                None => signalled.await,
                Some(end) => tokio::select! {
                    () = signalled => {}
                    _ = end => {}
                },
            }
        }
    }
}

/// A thread of its own, because a read from standard input cannot be given up and the runtime would
/// wait for it.
fn end_of_standard_input() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        // An error ends the input as well.
        _ = io::copy(&mut io::stdin(), &mut io::sink());
        _ = sender.send(());
    });
    receiver
}

/// Listens to signals at once and returns what waits for one.
#[cfg(unix)]
pub(crate) fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Listens to Ctrl-C at once and returns what waits for it.
#[cfg(windows)]
pub(crate) fn signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
