//! A server on a port of its own, and a client that is strict about what it gets.

use std::{collections::BTreeMap, net::SocketAddr};

use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub(crate) const V3: &str = "application/vnd.spring-boot.actuator.v3+json";
pub(crate) const V2: &str = "application/vnd.spring-boot.actuator.v2+json";
pub(crate) const JSON: &str = "application/json";

/// All that an answer may carry; anything else tells clients something that nobody decided.
const HEADERS: [&str; 6] = [
    "allow",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
];

/// Serves an application for as long as the test's runtime lives.
pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }
}

pub(crate) async fn get(server: SocketAddr, path: &str) -> Answer {
    ask(server, "GET", path, &[]).await
}

/// Asks, and checks what holds for every answer of the endpoints.
pub(crate) async fn ask(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request =
        format!("{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let answer = parse(&answer);

    let case = format!("{method} {path}");
    for name in answer.headers.keys() {
        assert!(
            HEADERS.contains(&name.as_str()),
            "{case}: unexpected header {name}"
        );
    }
    let length = answer
        .header("content-length")
        .map(|length| length.parse().unwrap());
    if method == "HEAD" {
        assert_eq!(answer.body, "", "{case}");
    } else {
        assert_eq!(length, Some(answer.body.len()), "{case}");
    }
    assert_eq!(
        answer.body.is_empty(),
        answer.content_type().is_none() || method == "HEAD",
        "{case}"
    );
    answer
}

fn parse(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let code = lines
        .next()
        .unwrap()
        .split(' ')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    Answer {
        code,
        headers: headers.collect(),
        body: body.to_owned(),
    }
}
