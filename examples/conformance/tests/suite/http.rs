//! A client that sends exactly what it is told to, and is strict about what it gets.

use std::{
    collections::BTreeMap,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
};

use crate::server::PATIENCE;

/// One answer; names of headers are in lower case, lines of the same name joined by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Sends one request on a connection of its own: `GET /path`, header lines, a body.
pub(crate) fn ask(server: SocketAddr, request: &str, headers: &[&str], body: &str) -> Answer {
    let answer = exchange(server, format(request, headers, body).as_bytes());
    let answer = answer.unwrap_or_else(|| panic!("{request}: no answer"));
    let is_head = request.starts_with("HEAD ");
    let (first, rest) = parse(&answer, is_head);
    assert!(
        rest.is_empty(),
        "{request}: more than one answer, then {:?}",
        String::from_utf8_lossy(rest)
    );
    first
}

pub(crate) fn get(server: SocketAddr, path: &str) -> Answer {
    ask(server, &format!("GET {path}"), &[], "")
}

/// Writes a request that closes the connection.
pub(crate) fn format(request: &str, headers: &[&str], body: &str) -> String {
    let mut text = format!("{request} HTTP/1.1\r\n");
    if !headers
        .iter()
        .any(|line| line.to_ascii_lowercase().starts_with("host:"))
    {
        text.push_str("host: conformance.test\r\n");
    }
    for line in headers {
        text.push_str(line);
        text.push_str("\r\n");
    }
    if !body.is_empty() {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text + "connection: close\r\n\r\n" + body
}

/// Sends bytes and reads until the server closes; nothing is returned when it does so without a
/// word.
pub(crate) fn exchange(server: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let mut stream = connect(server);
    // A server that refuses what it reads may have closed before all is written.
    _ = stream.write_all(request);
    read_to_end(&mut stream)
}

pub(crate) fn connect(server: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

pub(crate) fn read_to_end(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("after {} bytes: {error}", answer.len()),
    }
    (!answer.is_empty()).then_some(answer)
}

/// Reads one answer off the front and returns what follows it.
pub(crate) fn parse(bytes: &[u8], is_head: bool) -> (Answer, &[u8]) {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("the end of the headers");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let rest = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let status_line = lines.next().unwrap();
    let status = status_line
        .strip_prefix("HTTP/1.1 ")
        .or(status_line.strip_prefix("HTTP/1.0 "));
    let status: u16 = status
        .and_then(|status| status.get(..3)?.parse().ok())
        .expect(status_line);
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for line in lines {
        let (name, value) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("header line {line:?}"));
        let joined = headers.entry(name.to_ascii_lowercase());
        joined
            .and_modify(|joined| *joined += &format!(", {value}"))
            .or_insert(value.to_owned());
    }
    let has_body = !is_head && status != 204 && status != 304 && status >= 200;
    let (body, rest) = match (
        has_body,
        headers.get("transfer-encoding"),
        headers.get("content-length"),
    ) {
        (false, ..) => (Vec::new(), rest),
        (true, None, Some(length)) => {
            let (body, rest) = rest.split_at(length.parse().unwrap());
            (body.to_vec(), rest)
        }
        (true, Some(coding), None) if coding == "chunked" => chunks(rest),
        (true, None, None) => (rest.to_vec(), &rest[rest.len()..]),
        (true, coding, length) => panic!("both or unknown framing: {coding:?}, {length:?}"),
    };
    let body = String::from_utf8(body).unwrap();
    (
        Answer {
            status,
            headers,
            body,
        },
        rest,
    )
}

fn chunks(mut bytes: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut body = Vec::new();
    loop {
        let end = bytes
            .windows(2)
            .position(|window| window == b"\r\n")
            .expect("the size of a chunk");
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        let chunk = &bytes[end + 2..];
        body.extend_from_slice(&chunk[..size]);
        assert_eq!(&chunk[size..size + 2], b"\r\n", "the end of a chunk");
        bytes = &chunk[size + 2..];
        if size == 0 {
            return (body, bytes);
        }
    }
}
