//! Accepts connections and serves HTTP/1.1 on them.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use http_body_util::Full;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::{answer::Answers, connections::Connections};

/// The longest head of a request, in bytes; hyper takes no less than 8 KiB.
const HEAD_LIMIT_BYTES: usize = 16 * 1024;

/// How long to wait when no connection can be accepted, for lack of file descriptors say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn serve(
    listener: io::Result<std::net::TcpListener>,
    answers: Answers,
    max_connections: usize,
    header_timeout: Duration,
) {
    let listener = match listener.and_then(TcpListener::from_std) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "the management server cannot go on"),
    };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEAD_LIMIT_BYTES);
    let mut connections = Connections::new(max_connections);
    let mut is_failing = false;
    loop {
        match listener.accept().await {
            Ok((stream, client)) => {
                is_failing = false;
                connections.add(tokio::spawn(connection(
                    http.clone(),
                    stream,
                    client,
                    answers.clone(),
                )));
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                if !std::mem::replace(&mut is_failing, true) {
                    tracing::warn!(%error, "the management server cannot accept connections");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one client; what goes wrong with it is its own affair.
async fn connection(http: http1::Builder, stream: TcpStream, client: SocketAddr, answers: Answers) {
    // Without it an answer in two segments waits for the client's delayed acknowledgement.
    _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(client);
        let answers = answers.clone();
        async move {
            let (parts, _) = request.into_parts();
            Ok::<_, Infallible>(answers.answer(parts).await.map(Full::new))
        }
    });
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%client, %error, "a connection to the management server failed");
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionReset)
}
