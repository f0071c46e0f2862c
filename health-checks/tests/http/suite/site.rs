//! A site that can be killed and started again, on a thread and a runtime of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use check_testing::{Identity, Restart, free_port};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    runtime,
    sync::oneshot,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Where the site answers those who have the right credentials.
pub(crate) const TOKEN_PATH: &str = "/status?token=s3cret-word";

/// How long a connection may be idle, as with all servers, so that none outlives the test.
const IDLE: Duration = Duration::from_secs(2);

const BODY: &str = r#"{"state": "ok", "load": 0.5}"#;

pub(crate) struct Site {
    address: SocketAddr,
    authorization: Arc<str>,
    tls: Option<TlsAcceptor>,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Site {
    pub(crate) fn new(authorization: String, identity: Option<&Identity>) -> Self {
        let mut site = Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port())),
            authorization: authorization.into(),
            tls: identity.map(acceptor),
            running: None,
        };
        site.start();
        site
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

fn acceptor(identity: &Identity) -> TlsAcceptor {
    let chain = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

impl Restart for Site {
    fn kill(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            thread.join().unwrap();
        }
    }

    fn start(&mut self) {
        let (stop, stopped) = oneshot::channel::<()>();
        let (listens, listening) = std::sync::mpsc::channel();
        let (address, tls) = (self.address, self.tls.clone());
        let authorization = Arc::clone(&self.authorization);
        let thread = thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = listener(address);
                listens.send(()).unwrap();
                tokio::select! {
                    () = serve(listener, authorization, tls) => {}
                    _ = stopped => {}
                }
            });
        });
        listening.recv().unwrap();
        self.running = Some((stop, thread));
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.kill();
    }
}

fn listener(address: SocketAddr) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket.listen(64).unwrap()
}

async fn serve(listener: TcpListener, authorization: Arc<str>, tls: Option<TlsAcceptor>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (authorization, tls) = (Arc::clone(&authorization), tls.clone());
        tokio::spawn(async move {
            match tls {
                None => answer(stream, &authorization).await,
                Some(tls) => {
                    if let Ok(Ok(stream)) = timeout(IDLE, tls.accept(stream)).await {
                        answer(stream, &authorization).await;
                    }
                }
            }
        });
    }
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, authorization: &str) {
    while let Ok(Some(head)) = timeout(IDLE, read_head(&mut stream)).await {
        let mut lines = head.lines();
        let is_right = lines
            .next()
            .is_some_and(|line| line == format!("GET {TOKEN_PATH} HTTP/1.1"));
        let is_known = lines.any(|line| {
            let header = line.split_once(": ");
            header.is_some_and(|(name, value)| {
                name.eq_ignore_ascii_case("authorization") && value == authorization
            })
        });
        let (code, body) = match (is_known, is_right) {
            (false, _) => ("401 Unauthorized", ""),
            (true, false) => ("404 Not Found", ""),
            (true, true) => ("200 OK", BODY),
        };
        let length = body.len();
        // What was sent is repeated, as some error pages do.
        let answer = format!(
            "HTTP/1.1 {code}\r\ncontent-length: {length}\r\nx-echo: {authorization}\r\n\r\n{body}"
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        bytes.push(stream.read_u8().await.ok()?);
        if bytes.len() > 16 * 1024 {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}
