//! A small HTTP client that keeps every byte of an answer.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// The longest wait for an answer; far longer than any takes.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) struct Answer {
    /// The status line and the headers as they came, without the `connection` that was asked for.
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) fn get(server: SocketAddr, path: &str) -> Answer {
    ask(server, "GET", path, &[])
}

pub(crate) fn ask(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    let headers = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n{headers}\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    Answer {
        head: head.replace("\r\nconnection: close", ""),
        body: body.to_owned(),
    }
}

impl Answer {
    pub(crate) fn code(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }
}
