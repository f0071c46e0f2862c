//! The TCP check.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

#[path = "../shared/mod.rs"]
mod shared;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use check_testing::{
    Refusing, Suite,
    servers::canned::{Canned, End},
};
use health_checks::Tcp;
use health_core::Health;
use serde_json::json;

use self::shared::{alone, ask, assert_down, assert_up, detail};

fn tcp(address: SocketAddr) -> Tcp {
    Tcp::new(address.to_string()).unwrap()
}

#[test]
fn it_passes_the_suite() {
    alone(async {
        let server = Canned::start(["", "+PONG\r\n"], End::Hold);
        let silent = Canned::start([""], End::Hold);
        let check = |address| {
            tcp(address)
                .send("s3cret-greeting\r\n")
                .expect_prefix("+PONG")
        };
        Suite::new(server.address(), async |address| {
            Arc::new(check(address)) as _
        })
        .secret("s3cret-greeting")
        .down("silent", check(silent.address()))
        .down(
            "other answer",
            tcp(server.address()).send("x").expect_prefix("-"),
        )
        .run()
        .await;
    });
}

#[test]
fn a_port_that_accepts_is_up() {
    alone(async {
        let server = Canned::start(["220 hello\r\n"], End::Hold);
        let check = tcp(server.address());
        let health = ask(&check).await;
        assert_up("accepts", &health);
        let address = json!(server.address().to_string());
        assert_eq!(detail(&health, "address"), address);
        assert_eq!(detail(&health, "peer"), address);
        assert!(detail(&health, "connectMs").is_u64(), "{health:?}");
        assert!(detail(&health, "answerMs").is_null(), "{health:?}");
    });
}

#[test]
fn answers_are_judged() {
    alone(async {
        let banner = || Canned::start(["220 mail ready\r\n"], End::Hold).address();
        let closing = |text: &'static str| Canned::start([text], End::Close).address();
        let up = [
            ("prefix", tcp(banner()).expect_prefix("220 ")),
            ("part", tcp(banner()).expect_contains("ready")),
            ("bytes", tcp(banner()).expect_contains(b"\r\n")),
            ("any byte", tcp(banner()).expect_prefix("")),
            ("any byte, as a part", tcp(banner()).expect_contains("")),
            ("before the end", tcp(closing("220")).expect_prefix("220")),
        ];
        for (name, check) in up {
            let health = ask(&check).await;
            assert_up(name, &health);
            assert!(detail(&health, "answerMs").is_u64(), "{name}: {health:?}");
        }

        let down = [
            (
                "other prefix",
                tcp(banner()).expect_prefix("550"),
                "answered `220 mail ready`",
            ),
            (
                "part never comes",
                tcp(banner()).expect_contains("absent"),
                "answered `220 mail ready` and then nothing more",
            ),
            (
                "closed",
                tcp(closing("")).expect_prefix("220"),
                "closed the connection without an answer",
            ),
            (
                "closed in between",
                tcp(closing("22")).expect_prefix("220"),
                "answered `22` and closed the connection",
            ),
            (
                "too much",
                tcp(banner()).expect_contains("ready").read_limit_bytes(4),
                "not in the first 4 bytes: `220`",
            ),
            (
                "reset",
                tcp(Canned::start([""], End::Reset).address())
                    .send("hello")
                    .expect_prefix("220"),
                "the connection broke off: reset the connection",
            ),
            (
                "no byte",
                tcp(Canned::start([""], End::Hold).address()).expect_prefix(""),
                "no answer within",
            ),
        ];
        for (name, check, reason) in down {
            assert_down(name, &ask(&check).await, reason);
        }
    });
}

#[test]
fn why_there_is_no_connection_is_told_apart() {
    alone(async {
        let nobody = Refusing::new();
        let refusing = nobody.address();
        let full = full_backlog();
        let cases = [
            (
                "refused",
                refusing.to_string(),
                format!("{refusing} refused the connection"),
            ),
            (
                "no such name",
                "no-such-host.invalid:1".to_owned(),
                "the name `no-such-host.invalid` was not resolved: ".to_owned(),
            ),
            (
                "silent",
                full.0.to_string(),
                "no connection within ".to_owned(),
            ),
            (
                "no route",
                // An address of the local link, without the interface that leads there.
                "[fe80::1]:1".to_owned(),
                "no connection to [fe80::1]:1: ".to_owned(),
            ),
        ];
        for (name, address, reason) in cases {
            let health = ask(&Tcp::new(&address).unwrap()).await;
            assert_down(name, &health, &reason);
            assert!(detail(&health, "connectMs").is_null(), "{name}: {health:?}");
        }
    });
}

/// Returns the address of a server that takes no more connections, and what keeps it so.
fn full_backlog() -> (SocketAddr, TcpListener, Vec<std::net::TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap().into_std().unwrap();
    let address = listener.local_addr().unwrap();
    let waiting = (0..64).map_while(|_| {
        std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok()
    });
    let waiting: Vec<_> = waiting.collect();
    assert!(waiting.len() < 64, "the backlog takes everything");
    (address, listener, waiting)
}

#[test]
fn the_connection_is_closed_and_not_reset() {
    alone(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (says_over, is_over) = mpsc::channel();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // More than the check has to read.
            let greeting = format!("220 {}", "x".repeat(200));
            stream.write_all(greeting.as_bytes()).unwrap();
            is_over.recv().unwrap();
            let reset = stream.take_error().unwrap();
            let mut received = Vec::new();
            stream.read_to_end(&mut received).unwrap();
            (received, reset.map(|error| error.to_string()))
        });
        let check = tcp(address).send("hello").expect_prefix("220 ");
        assert_up("goodbye", &ask(&check.read_limit_bytes(100)).await);
        says_over.send(()).unwrap();
        assert_eq!(server.join().unwrap(), (b"hello".to_vec(), None));
    });
}

#[test]
fn another_address_of_the_name_is_tried() {
    alone(async {
        // `localhost` is also `::1` where the system has IPv6; only IPv4 listens.
        let server = Canned::start(["x"], End::Hold);
        let port = server.address().port();
        let health: Health = ask(&Tcp::new(format!("localhost:{port}")).unwrap()).await;
        assert_up("localhost", &health);
        assert_eq!(
            detail(&health, "address"),
            json!(format!("localhost:{port}"))
        );
        assert_eq!(detail(&health, "peer"), json!(server.address().to_string()));
    });
}
