//! The bytes of a connection, under a driver that has a thread of its own and does not notice that
//! nobody waits for it any more.

use std::{
    convert::Infallible,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::{AsyncRead, AsyncWrite};
use tokio::{
    io::{AsyncRead as _, AsyncWrite as _, ReadBuf},
    runtime::Handle,
    sync::{oneshot, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::net::Stream;

/// How long the server may take to take leave of a connection that is let go.
const CLOSES_WITHIN: Duration = Duration::from_secs(1);

/// How much of the beginning of a connection is remembered, in bytes: the greeting, in which the
/// server says who it is.
const GREETING_BYTES: usize = 8 * 1024;

/// The end of a line by which its owner holds the transport; when it is dropped, so is the
/// transport, a moment later.
pub(super) type Leash = oneshot::Sender<Infallible>;

/// Tells when a transport is gone.
#[derive(Clone, Debug)]
pub(super) struct Closed(watch::Receiver<()>);

/// What came first on a connection.
#[derive(Clone, Default)]
pub(super) struct Greeting(Arc<Mutex<Vec<u8>>>);

/// A stream that ends when nobody holds it.
pub(super) struct Transport {
    stream: Stream,
    hold: Hold,
    greeting: Greeting,
    runtime: Handle,
    open: watch::Sender<()>,
}

enum Hold {
    Held(oneshot::Receiver<Infallible>),
    LetGo(JoinHandle<()>),
    Over,
}

impl Transport {
    /// Takes over a stream. It has to be called on a runtime of tokio.
    pub(super) fn new(stream: Stream) -> (Self, Leash) {
        let (leash, held) = oneshot::channel();
        let transport = Self {
            stream,
            hold: Hold::Held(held),
            greeting: Greeting::default(),
            runtime: Handle::current(),
            open: watch::Sender::new(()),
        };
        (transport, leash)
    }

    /// Returns what will have come first.
    pub(super) fn greeting(&self) -> Greeting {
        self.greeting.clone()
    }

    pub(super) fn closed(&self) -> Closed {
        Closed(self.open.subscribe())
    }

    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match &mut self.hold {
                Hold::Held(held) => {
                    let _ = ready!(Pin::new(held).poll(cx));
                    // A task, since a timer panics when its runtime is shut down under it.
                    let time_to_close = self.runtime.spawn(async { sleep(CLOSES_WITHIN).await });
                    self.hold = Hold::LetGo(time_to_close);
                }
                Hold::LetGo(time_to_close) => {
                    let _ = ready!(Pin::new(time_to_close).poll(cx));
                    self.hold = Hold::Over;
                }
                Hold::Over => return Poll::Ready(()),
            }
        }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        if let Hold::LetGo(time_to_close) = &self.hold {
            time_to_close.abort();
        }
    }
}

impl Closed {
    /// Waits until the transport is gone.
    pub(super) async fn wait(&mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

impl Greeting {
    /// Returns the bytes, and remembers no more.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn hear(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = GREETING_BYTES.saturating_sub(heard.len());
        heard.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            read?;
            self.greeting.hear(buffer.filled());
            return Poll::Ready(Ok(buffer.filled().len()));
        }
        ready!(self.poll_over(cx));
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if matches!(self.hold, Hold::Over) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
