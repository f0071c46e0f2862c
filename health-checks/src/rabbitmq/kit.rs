//! The runtime under a connection: tokio, with a transport of ours in the place of its own.

use std::{
    future::{self, Future},
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    time::{Duration, Instant},
};

use async_rs::{
    Tokio,
    traits::{Executor, Reactor, RuntimeKit},
    util::Task,
};
use futures_util::{AsyncRead, AsyncWrite, Stream, future::select};
use tokio::time::sleep;

use super::transport::{Closed, Transport};

/// How long what sleeps goes on when the connection is closed, so that it sees that it is.
const WAKES_AFTER: Duration = Duration::from_millis(50);

/// Runs what a connection needs on the runtime of the check. It opens no connections: the one
/// that there is, is handed over ready. What waits for the next heartbeat wakes when the connection
/// is closed, and does not stay behind.
#[derive(Clone, Debug)]
pub(super) struct Kit {
    pub(super) runtime: Tokio,
    pub(super) closed: Closed,
}

impl RuntimeKit for Kit {}

impl Executor for Kit {
    type Task<T: Send + 'static> = <Tokio as Executor>::Task<T>;

    fn block_on<T, F: Future<Output = T>>(&self, future: F) -> T {
        self.runtime.block_on(future)
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        future: F,
    ) -> Task<Self::Task<T>> {
        self.runtime.spawn(future)
    }

    fn spawn_blocking<T: Send + 'static, F: FnOnce() -> T + Send + 'static>(
        &self,
        work: F,
    ) -> Task<Self::Task<T>> {
        self.runtime.spawn_blocking(work)
    }
}

impl Reactor for Kit {
    type TcpStream = Transport;
    type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

    fn register<H>(
        &self,
        _: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Transport, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, time: Duration) -> Self::Sleep {
        let (time_over, mut closed) = (self.runtime.sleep(time), self.closed.clone());
        Box::pin(async move {
            let woken = async {
                closed.wait().await;
                sleep(WAKES_AFTER).await;
            };
            select(pin!(time_over), pin!(woken)).await;
        })
    }

    fn interval(&self, time: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.runtime.interval(time)
    }

    fn tcp_connect_addr(
        &self,
        _: SocketAddr,
    ) -> impl Future<Output = io::Result<Transport>> + Send + 'static {
        future::ready(Err(io::ErrorKind::Unsupported.into()))
    }
}
