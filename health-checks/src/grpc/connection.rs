//! Hands a connection that is there already to tonic.

use std::{
    future::{Ready, ready},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tonic::transport::{Channel, Endpoint, Uri};
use tower_service::Service;

use crate::{
    net::{ClientCertificate, Stream, io_reason},
    tls::is_closed,
};

/// How an answer begins that is not HTTP/2, whose frames begin with a length below this.
const HTTP_1: &[u8] = b"HTTP/1.";

/// How a connection ends without an answer.
const CLOSED: &str = "the server closed the connection";

/// A channel over one connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) channel: Channel,
    certificate: Option<Arc<ClientCertificate>>,
    end: End,
}

/// How a connection ended, where it did. tonic only tells that it did.
type End = Arc<Mutex<Option<String>>>;

impl Connection {
    /// Opens HTTP/2 on a connection.
    ///
    /// tonic would connect by itself and agree on TLS by the crypto provider of the process; this
    /// way the reasons of a failure are known and the provider does not matter.
    pub(super) async fn open(
        origin: Uri,
        stream: Stream,
        certificate: Option<Arc<ClientCertificate>>,
    ) -> Result<Self, String> {
        let end = End::default();
        let watched = Watched {
            stream,
            end: Arc::clone(&end),
        };
        let endpoint = Endpoint::from(origin);
        let connecting = endpoint.connect_with_connector(Once(Some(watched)));
        let channel = connecting.await.map_err(|error| {
            let mut cause: &dyn std::error::Error = &error;
            while let Some(inner) = cause.source() {
                cause = inner;
            }
            format!("the server does not speak HTTP/2: {cause}")
        })?;
        Ok(Self {
            channel,
            certificate,
            end,
        })
    }

    /// Says how the connection ended, where it did.
    pub(super) fn end(&self) -> Option<String> {
        let end = self.end.lock();
        let end = end.unwrap_or_else(PoisonError::into_inner).clone()?;
        let certificate = self.certificate.as_ref();
        match certificate.and_then(|certificate| certificate.was_shown()) {
            Some(false) => Some(format!(
                "{end}; it asks for a client certificate, and none is set"
            )),
            _ => Some(end),
        }
    }
}

/// Connects one time. A channel that wants a second connection has lost the first.
struct Once(Option<Watched>);

impl Service<Uri> for Once {
    type Response = TokioIo<Watched>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = self.0.take().map(TokioIo::new);
        ready(stream.ok_or_else(|| io::Error::other("the connection was lost")))
    }
}

/// A stream that remembers why nothing more comes.
struct Watched {
    stream: Stream,
    end: End,
}

impl Watched {
    fn note(&self, end: impl FnOnce() -> String) {
        let mut noted = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get_or_insert_with(end);
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        match &read {
            Err(error) => self.note(|| reason(error)),
            Ok(()) if buffer.filled().len() == before && buffer.remaining() > 0 => {
                self.note(|| CLOSED.to_owned());
            }
            Ok(()) if buffer.filled()[before..].starts_with(HTTP_1) => {
                self.note(|| "the server answered in HTTP/1 and not in HTTP/2".to_owned());
            }
            Ok(()) => {}
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes));
        if let Err(error) = &written {
            self.note(|| reason(error));
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn reason(error: &io::Error) -> String {
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return format!("TLS failed: {error}");
    }
    if is_closed(error) {
        CLOSED.to_owned()
    } else {
        format!("the connection broke off: {}", io_reason(error))
    }
}
