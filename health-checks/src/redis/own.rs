//! A connection of the check's own, opened when it is needed and kept while it works.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use redis::{
    AsyncConnectionConfig, Cmd, RedisConnectionInfo, RedisError, Value,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    task::AbortHandle,
};

use super::failure::Failure;

/// How much of the beginning of a connection is remembered, in bytes: the line by which a server
/// turns a client away.
const GREETING_BYTES: usize = 128;

/// Holds the connection between two runs. A run takes it out, so that one which is cut short does
/// not leave behind a connection with half an answer.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<Open>>);

impl Kept {
    pub(super) fn take(&self) -> Option<Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn put(&self, open: Open) {
        let before = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(open);
        drop(before);
    }
}

/// A connection and the task that drives it, which ends with it.
pub(crate) struct Open {
    connection: MultiplexedConnection,
    driver: AbortHandle,
    heard: Heard,
}

impl Open {
    /// Speaks Redis over a stream; nothing is sent yet.
    pub(super) async fn over<S>(stream: S) -> Result<Self, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let heard = Heard::default();
        let stream = Overheard {
            stream,
            heard: heard.clone(),
        };
        let settings = RedisConnectionInfo::default().set_skip_set_lib_name();
        let limits = AsyncConnectionConfig::new().set_response_timeout(None);
        let (connection, driver) =
            MultiplexedConnection::new_with_config(&settings, stream, limits)
                .await
                .map_err(|error| Failure::of_command(&error))?;
        Ok(Self {
            connection,
            driver: tokio::spawn(driver).abort_handle(),
            heard,
        })
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn ask(&mut self, command: &Cmd) -> Result<Value, Failure> {
        let answer = self.send(command).await;
        answer.map_err(|error| self.explain(&error, Failure::of_command))
    }

    pub(super) async fn send(&mut self, command: &Cmd) -> Result<Value, RedisError> {
        let answer = self.connection.req_packed_command(command).await?;
        answer.extract_error()
    }

    /// Prefers what was heard when the connection ended to the fact that it did.
    pub(super) fn explain(
        &self,
        error: &RedisError,
        explain: impl FnOnce(&RedisError) -> Failure,
    ) -> Failure {
        match explain(error) {
            Failure::Connection(text) => self.heard.failure().unwrap_or(Failure::Connection(text)),
            failure => failure,
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// What came before a connection was over: the first bytes, and the error that ended it, which the
/// driver does not hand on.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<(Vec<u8>, Option<String>)>>);

impl Heard {
    fn failure(&self) -> Option<Failure> {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (greeting, end) = &*heard;
        let broke_off = |reason| Failure::Connection(format!("the connection broke off: {reason}"));
        Failure::of_greeting(greeting).or_else(|| end.as_ref().map(broke_off))
    }

    fn hear(&self, bytes: &[u8]) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = GREETING_BYTES.saturating_sub(heard.0.len());
        heard.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end(&self, error: &io::Error) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.1 = Some(error.to_string());
    }
}

/// A stream that remembers what came.
struct Overheard<S> {
    stream: S,
    heard: Heard,
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let poll = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Some(bytes) = buffer.filled().get(before..) {
            self.heard.hear(bytes);
        }
        if let Poll::Ready(Err(error)) = &poll {
            self.heard.end(error);
        }
        poll
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
