//! Connections used in every way: pipelined, half-closed, byte by byte, left early.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
    time::Duration,
};

use crate::{
    http::{self, Answer},
    server::{Server, with_each_framework},
};

const FIXTURE: &str = r#"{
    "version": "1.2.3", "deadline_ms": 1000,
    "checks": {"db": {}, "slow": {"delay_ms": 150}}
}"#;

fn keep_alive(request: &str) -> String {
    format!("{request} HTTP/1.1\r\nhost: conformance.test\r\n\r\n")
}

fn assert_answers(server: SocketAddr) {
    assert_eq!(http::get(server, "/z/version").body, "1.2.3");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let requests = [
        ("GET /z/health/db", 200),
        ("GET /z/health/none", 404),
        ("HEAD /z/health/liveness", 200),
        ("GET /z/health/slow", 200),
        ("POST /z/health", 405),
        ("OPTIONS /z/health/db", 200),
        ("HEAD /z/health/slow", 200),
        ("HEAD /z/health/none", 404),
        ("GET /z/version", 200),
        ("GET /bare", 200),
    ];
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut text = String::new();
        for _ in 0..10 {
            requests
                .iter()
                .for_each(|(request, _)| text += &keep_alive(request));
        }
        text += &http::format("GET /z/health/db", &[], "");
        let answers = http::exchange(server.address, text.as_bytes()).unwrap();
        let mut rest = answers.as_slice();
        for (request, status) in requests.iter().cycle().take(10 * requests.len()) {
            let is_head = request.starts_with("HEAD ");
            let (answer, after) = http::parse(rest, is_head);
            assert_eq!(answer.status, *status, "{request}");
            if is_head && *status == 200 {
                let length = answer.header("content-length");
                assert_eq!(
                    length,
                    Some("15"),
                    "{request}: that of {{\"status\":\"UP\"}}"
                );
            }
            rest = after;
        }
        let (last, rest) = http::parse(rest, false);
        assert_eq!((last.body.as_str(), rest.len()), (r#"{"status":"UP"}"#, 0));
    });
}

/// What no handler reads is no request.
#[test]
fn a_body_is_never_taken_for_the_next_request() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let smuggled = keep_alive("GET /z/version");
        let mut text = format!(
            "POST /z/health HTTP/1.1\r\nhost: conformance.test\r\ncontent-length: {}\r\n\r\n{smuggled}",
            smuggled.len()
        );
        text += &http::format("GET /z/health/db", &[], "");
        let answers = http::exchange(server.address, text.as_bytes()).unwrap();
        let (first, rest) = http::parse(&answers, false);
        assert_eq!(first.status, 405);
        // A server may also close after a body that it has not read.
        if !rest.is_empty() {
            let (second, rest) = http::parse(rest, false);
            assert_eq!(
                (second.body.as_str(), rest.len()),
                (r#"{"status":"UP"}"#, 0)
            );
        }
        assert_answers(server.address);
    });
}

#[test]
fn a_half_closed_connection_gets_its_answer_or_is_closed() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        for path in ["/z/version", "/z/health/slow"] {
            let answer = half_closed(server.address, path);
            // hyper gives a request up whose client has closed its half, unless told otherwise,
            // which axum and Rocket do not offer.
            match (framework, answer) {
                (_, Some(answer)) => assert_eq!(answer.status, 200, "{path}"),
                ("axum" | "rocket" | "actix", None) => {}
                (_, None) => panic!("{framework} {path}: no answer"),
            }
            assert_answers(server.address);
        }
    });
}

fn half_closed(server: SocketAddr, path: &str) -> Option<Answer> {
    let mut stream = http::connect(server);
    stream
        .write_all(http::format(&format!("GET {path}"), &[], "").as_bytes())
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let answer = http::read_to_end(&mut stream)?;
    let (answer, rest) = http::parse(&answer, false);
    assert_eq!(rest.len(), 0);
    Some(answer)
}

#[test]
fn a_request_may_come_byte_by_byte() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut stream = http::connect(server.address);
        for byte in http::format("GET /z/health/db", &["x-padding: none"], "").as_bytes() {
            stream.write_all(&[*byte]).unwrap();
            thread::sleep(Duration::from_millis(1));
        }
        let answer = http::read_to_end(&mut stream).unwrap();
        assert_eq!(http::parse(&answer, false).0.status, 200);
    });
}

#[test]
fn a_connection_serves_one_request_after_another() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut stream = http::connect(server.address);
        for _ in 0..20 {
            stream
                .write_all(keep_alive("GET /z/health/liveness").as_bytes())
                .unwrap();
            assert!(read_one(&mut stream).ends_with(r#"{"status":"UP"}"#));
        }
    });
}

fn read_one(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with('}') {
        let length = stream.read(&mut buffer).unwrap();
        assert!(length > 0, "closed after {text:?}");
        text += std::str::from_utf8(&buffer[..length]).unwrap();
    }
    text
}

#[test]
fn clients_that_leave_early_harm_nobody() {
    let cut = [
        "",
        "G",
        "GET /z/health/slow",
        "GET /z/health/slow HTTP/1.1\r\n",
        "GET /z/health/slow HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /z/health HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nten bytes.",
        "POST /control/checks/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n",
    ];
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        for text in cut.iter().cycle().take(20 * cut.len()) {
            http::connect(server.address)
                .write_all(text.as_bytes())
                .unwrap();
        }
        assert_answers(server.address);
        let answer = http::get(server.address, "/z/health");
        assert_eq!(answer.status, 200, "{answer:?}");
    });
}

/// Nothing here is HTTP/1.1; each must be refused or closed, and never end the server.
#[test]
fn what_is_no_http_is_refused() {
    let garbage: [&[u8]; 9] = [
        b"\r\n\r\n\r\n",
        b"GET /z/health\r\n\r\n",
        b"GET /z/health HTTP/9.9\r\nhost: a\r\n\r\n",
        b"GET  /z/health  HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET /z/health HTTP/1.1\r\nhost a\r\n\r\n",
        b"GET /z/health HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\nconnection: close\r\n\r\n",
        b"GET /z/health HTTP/1.1\r\nhost: a\r\nx: \x00\r\nconnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        for request in garbage {
            let mut stream = http::connect(server.address);
            stream.write_all(request).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            if let Some(answer) = http::read_to_end(&mut stream) {
                let text = String::from_utf8_lossy(&answer);
                let is_refused = text.starts_with("HTTP/1.") && text.get(9..10) == Some("4");
                let is_http2 = request.starts_with(b"PRI") && !text.starts_with("HTTP/1.1 200");
                assert!(
                    is_refused || is_http2,
                    "{framework}: {:?} got {text:?}",
                    String::from_utf8_lossy(request)
                );
            }
            assert_answers(server.address);
        }
    });
}
