//! The management server: the endpoints on a port and a thread of their own, so that they answer
//! while the application's runtime stands still, and in processes that serve no HTTP.

mod accept;
mod answer;
mod connections;

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use http::request::Parts;

use self::answer::Answers;
use crate::{Identity, MAX_DURATION, Management, own_thread::OwnThread};

/// How many connections there are at once; for a further one the oldest is closed. Probes and
/// scrapers need a handful, and 256 cost at most some 5 MB. Set by
/// [`ServerBuilder::max_connections`].
pub const DEFAULT_MAX_CONNECTIONS: usize = 256;

/// How long a client may take to send the head of a request, and how long a connection may idle:
/// ten times what a kubelet waits for the whole answer. Set by [`ServerBuilder::header_timeout`].
pub const DEFAULT_HEADER_TIMEOUT: Duration = Duration::from_secs(10);

const THREAD: &str = "health-server";

/// Serves the endpoints on a port of its own; dropping it stops the server and frees the port.
///
/// ```
/// use health_core::Management;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let management = Management::builder("worker").build()?;
/// let server = management.serve_on("127.0.0.1:0")?;
/// println!("http://{}{}/health", server.address(), management.base_path());
/// # Ok(())
/// # }
/// ```
#[must_use = "dropping it stops the server"]
#[derive(Debug)]
pub struct ManagementServer {
    address: SocketAddr,
    thread: OwnThread,
}

impl Management {
    /// Serves the endpoints on an address of their own, such as `0.0.0.0:9922`, with default
    /// settings; see [`ManagementServer::builder`].
    ///
    /// # Errors
    /// The address is in use or not to be had, or the thread cannot be started.
    pub fn serve_on(&self, address: impl ToSocketAddrs) -> io::Result<ManagementServer> {
        ManagementServer::builder(self).start(address)
    }
}

impl ManagementServer {
    /// Begins to set up a server.
    pub fn builder(management: &Management) -> ServerBuilder {
        ServerBuilder {
            management: management.clone(),
            identify: Arc::new(|_| None),
            max_connections: DEFAULT_MAX_CONNECTIONS,
            header_timeout: DEFAULT_HEADER_TIMEOUT,
        }
    }

    /// Returns the address that it listens on, with the port that was found where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for ManagementServer {
    fn drop(&mut self) {
        self.thread.end();
    }
}

pub(super) type Identify = dyn Fn(&Parts) -> Option<Identity> + Send + Sync;

/// The settings of a [`ManagementServer`].
#[must_use = "nothing is served until `start` is called"]
pub struct ServerBuilder {
    management: Management,
    identify: Arc<Identify>,
    max_connections: usize,
    header_timeout: Duration,
}

impl ServerBuilder {
    /// Sets how to find out who asks, from the head of the request; default: everybody is
    /// anonymous. The extensions hold the client's [`SocketAddr`].
    ///
    /// It runs on the server's thread: it must not wait. Should it panic, the answer is a 500.
    pub fn identify<F>(mut self, identify: F) -> Self
    where
        F: Fn(&Parts) -> Option<Identity> + Send + Sync + 'static,
    {
        self.identify = Arc::new(identify);
        self
    }

    /// Sets how many connections there are at once, at least 1; default
    /// [`DEFAULT_MAX_CONNECTIONS`].
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections.max(1);
        self
    }

    /// Sets how long a client may take to send the head of a request, also the next one on the same
    /// connection, at most [`MAX_DURATION`]; default [`DEFAULT_HEADER_TIMEOUT`].
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.header_timeout = timeout.min(MAX_DURATION);
        self
    }

    /// Listens and serves, on a thread of its own, until what is returned is dropped.
    ///
    /// The checks run on the application's runtime: the one on which this is called, which is also
    /// [watched](Management::watch_runtime) from now on, or else the one on which `build` was called
    /// or the last request of an adapter came. In a process without a runtime they run on a thread
    /// of their own.
    ///
    /// # Errors
    /// The address is in use or not to be had, or a thread cannot be started.
    pub fn start(self, address: impl ToSocketAddrs) -> io::Result<ManagementServer> {
        let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
        let listener = TcpListener::bind(&*addresses).map_err(|error| {
            let reason = format!(
                "the management server cannot listen on {}: {error}",
                list(&addresses)
            );
            io::Error::new(error.kind(), reason)
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        self.management.prepare_for_outside()?;
        let Self {
            management,
            identify,
            max_connections,
            header_timeout,
        } = self;
        let answers = Answers::new(management, identify);
        let thread = OwnThread::start(THREAD, move || {
            accept::serve(
                listener.try_clone(),
                answers.clone(),
                max_connections,
                header_timeout,
            )
        })?;
        tracing::info!(%address, "the management server listens");
        Ok(ManagementServer { address, thread })
    }
}

fn list(addresses: &[SocketAddr]) -> String {
    let addresses: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    addresses.join(", ")
}

impl fmt::Debug for ServerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBuilder")
            .field("management", &self.management)
            .field("max_connections", &self.max_connections)
            .field("header_timeout", &self.header_timeout)
            .finish_non_exhaustive()
    }
}
