//! A small HTTP/1.1 server for tests: keeps connections, counts them, and misbehaves on request.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use health_core::{Management, Request};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::{AbortHandle, JoinSet},
};

pub(crate) const V3: &str = "application/vnd.spring-boot.actuator.v3+json";

/// Stops, with all its connections, when dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<Head>>>,
    accepting: AbortHandle,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

impl Head {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Holds a port at which nobody listens, and which nobody else gets.
pub(crate) struct Refusing {
    socket: TcpSocket,
    pub(crate) address: SocketAddr,
}

impl Refusing {
    pub(crate) fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap()).unwrap()
    }

    pub(crate) fn at(address: SocketAddr) -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address })
    }

    pub(crate) fn listen(self, queue: u32) -> TcpListener {
        self.socket.listen(queue).unwrap()
    }
}

impl Server {
    /// Hands each connection over as it is.
    pub(crate) async fn raw<F, Fut>(connection: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self::on(listener().await, Arc::default(), connection)
    }

    /// Answers requests, any number on one connection, with the bytes that a closure returns.
    pub(crate) async fn answering(
        answer: impl Fn(&Head) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let heads: Arc<Mutex<Vec<Head>>> = Arc::default();
        let answer = Arc::new(answer);
        Self::on(listener().await, Arc::clone(&heads), move |mut stream| {
            let (heads, answer) = (Arc::clone(&heads), Arc::clone(&answer));
            async move {
                while let Some(head) = read_head(&mut stream).await {
                    let bytes = answer(&head);
                    heads.lock().unwrap().push(head);
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
        })
    }

    /// Serves management endpoints.
    pub(crate) fn of(management: &Management, listener: TcpListener) -> Self {
        let heads: Arc<Mutex<Vec<Head>>> = Arc::default();
        let management = management.clone();
        Self::on(listener, Arc::clone(&heads), move |mut stream| {
            let (heads, management) = (Arc::clone(&heads), management.clone());
            async move {
                while let Some(head) = read_head(&mut stream).await {
                    heads.lock().unwrap().push(head.clone());
                    let reply =
                        management.respond(&Request::new(&head.method, &head.path, &head.headers));
                    let (parts, body) = reply.await.into_parts();
                    let headers: String = parts
                        .headers
                        .iter()
                        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
                        .collect();
                    let bytes = response(parts.status.as_u16(), &headers, &body);
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
            }
        })
    }

    fn on<F, Fut>(listener: TcpListener, heads: Arc<Mutex<Vec<Head>>>, connection: F) -> Self
    where
        F: Fn(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr().unwrap();
        let accepted = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&accepted);
        let accepting = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                connections.spawn(connection(stream));
            }
        });
        Self {
            address,
            accepted,
            heads,
            accepting: accepting.abort_handle(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn heads(&self) -> Vec<Head> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Writes a response with its length.
pub(crate) fn response(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    response(status, &format!("content-type: {V3}\r\n"), body)
}

pub(crate) async fn read_head(stream: &mut (impl AsyncReadExt + Unpin)) -> Option<Head> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8(bytes).unwrap();
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| {
            let name: HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
    Some(Head {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        headers: headers.collect(),
    })
}
