//! A proxy between the checks and what is outside of the platform.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use check_testing::servers::moto::Moto;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    asked::{Application, PASSWORD, USER},
    outside::openfga,
};

/// User and password as a proxy gets them.
const CREDENTIALS: &str = "proxy-authorization: basic cmVsYXRpb25faWRfMzpwQHM6cy93I3I/ZCZbMSU0MQ==";

/// An address that leads nowhere without the proxy. Source: RFC 5737.
const OUTSIDE: &str = "192.0.2.1";

/// Passes requests of those who sign in on to the server, and notes their targets.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(pass(stream, server, Arc::clone(&noted)));
            }
        });
        Self { address, asked }
    }

    fn url(&self) -> String {
        format!("http://{USER}:{PASSWORD}@{}", self.address)
    }

    /// Returns what was asked for since the last time.
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

async fn pass(mut client: TcpStream, server: SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match client.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&head);
    let target = text.lines().next().unwrap_or_default();
    asked.lock().unwrap().push(target.to_owned());
    if !text.to_lowercase().contains(&CREDENTIALS.to_lowercase()) {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        _ = client.write_all(refusal).await;
        return;
    }
    let mut server = TcpStream::connect(server).await.unwrap();
    if target.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    } else {
        server.write_all(&head).await.unwrap();
    }
    _ = copy_bidirectional(&mut client, &mut server).await;
}

fn application(variables: &[(&str, String)], proxy: &str, no_proxy: &str) -> Application {
    let proxies = [
        ("HTTP_PROXY", proxy),
        ("http_proxy", proxy),
        ("NO_PROXY", no_proxy),
    ];
    let proxies = proxies.map(|(name, value)| (name, value.to_owned()));
    Application::of(&[variables, &proxies].concat())
}

/// Asserts that only the proxy leads to the server behind it.
async fn assert_asked_through(proxy: &Proxy, name: &str, variables: &[(&str, String)]) {
    let through = application(variables, &proxy.url(), "");
    through.assert_up(&[name]).await;
    let asked = proxy.taken();
    assert!(!asked.is_empty());
    assert!(
        asked.iter().all(|target| target.contains(OUTSIDE)),
        "{asked:?}"
    );

    let beside = application(variables, &proxy.url(), OUTSIDE);
    beside.assert_down_now(&[name]).await;
    assert_eq!(proxy.taken(), Vec::<String>::new(), "{name}");

    let wrong = format!("http://{USER}:wr0ng-{PASSWORD}@{}", proxy.address);
    let refused = application(variables, &wrong, "");
    let health = refused.assert_down_because(name, "407").await;
    assert!(!health.to_string().contains(PASSWORD), "{health}");

    let other = format!("socks5://{USER}:{PASSWORD}@{}", proxy.address);
    let unusable = application(variables, &other, "");
    let health = unusable.assert_down_because(name, "`http_proxy`").await;
    assert!(!health.to_string().contains(PASSWORD), "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_asked_through_the_proxy_of_the_platform() {
    let moto = Moto::start();
    let proxy = Proxy::to(moto.address()).await;
    let variables = [
        ("S3_BUCKET", "invoices".to_owned()),
        ("S3_ACCESS_KEY", moto.made("id").to_owned()),
        ("S3_SECRET_KEY", moto.made("secret").to_owned()),
        ("S3_ENDPOINT", format!("http://{OUTSIDE}")),
        ("S3_URI_STYLE", "path".to_owned()),
    ];
    assert_asked_through(&proxy, "s3", &variables).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openfga_is_asked_through_the_proxy_of_the_platform() {
    let proxy = Proxy::to(openfga().await).await;
    let variables = [
        ("FGA_HTTP_API_URL", format!("http://{OUTSIDE}")),
        ("FGA_STORE_ID", "01GK".to_owned()),
        ("FGA_TOKEN", "fga-token".to_owned()),
    ];
    assert_asked_through(&proxy, "openfga", &variables).await;
}
