//! Where a service listens, and until when.

use std::{
    future::{poll_fn, ready},
    io::{self, ErrorKind, Write},
    net::SocketAddr,
    pin::Pin,
    task::Poll,
    time::Duration,
};

use health_core::Management;

use crate::{BoxError, stop::Stop};

/// What the first line on standard output begins with; the address follows.
pub(crate) const LISTENING: &str = "listening on http://";

/// How long requests under way are waited for when the service stops, in whole seconds.
pub const REQUEST_GRACE: Duration = Duration::from_secs(3);

/// Where a service listens, and the variable by which that is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listen {
    pub(crate) address: SocketAddr,
    pub(crate) variable: &'static str,
}

/// Ends when the server is to stop.
pub type Stopped = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Says where to listen, and tells when to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Serving {
    pub(crate) listen: Listen,
    pub(crate) stop: Stop,
}

impl Serving {
    /// Returns the address to listen on.
    pub fn address(&self) -> SocketAddr {
        self.listen.address
    }

    /// Prints that the service listens; `address` is the one that the system gave.
    ///
    /// # Errors
    /// The standard output cannot be written to.
    pub fn listening(&self, address: SocketAddr) -> io::Result<()> {
        writeln!(io::stdout(), "{LISTENING}{address}")
    }

    /// Begins to listen to signals and returns what ends when the server is to stop: after a signal
    /// and the drain, or at once with the standard input of a service that was started with another.
    pub async fn stop(&self, management: &Management) -> Stopped {
        let mut stop: Stopped = Box::pin(self.stop.requested(management.drain_on_signal()));
        // Signals are listened to from the first poll on, and whoever reads that the service listens
        // may send one.
        let has_ended = poll_fn(|cx| Poll::Ready(stop.as_mut().poll(cx).is_ready())).await;
        if has_ended { Box::pin(ready(())) } else { stop }
    }

    /// Says why the address cannot be listened on, and what to do.
    pub fn cannot_listen(&self, error: &io::Error) -> BoxError {
        let Listen { address, variable } = self.listen;
        let message = match error.kind() {
            ErrorKind::AddrInUse => format!(
                "cannot listen on {address}: port {} is in use; end the process that uses it, or \
                 set {variable} to another address, such as {}",
                address.port(),
                SocketAddr::new(address.ip(), address.port().wrapping_add(1000)),
            ),
            _ => format!("cannot listen on {address}: {error}; set {variable} to another address"),
        };
        message.into()
    }
}
