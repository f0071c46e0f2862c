//! The probe that an application makes of itself, against servers of every kind.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails its test"
)]

use std::{
    fmt::Debug,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use health_core::{
    LIVENESS, Management, ManagementServer, ReadinessState,
    probe::{DEFAULT_PROBE_DEADLINE, SelfProbe},
};

const MS: Duration = Duration::from_millis(1);

fn serve(management: &Management, address: &str) -> ManagementServer {
    management.serve_on(address).unwrap()
}

fn reason(probe: SelfProbe) -> String {
    probe.run().expect_err("not well").to_string()
}

#[test]
fn the_verdict_is_that_of_the_group() {
    let management = Management::builder("orders")
        .base_path("/admin")
        .build()
        .unwrap();
    let server = serve(&management, "127.0.0.1:0");
    let probe = || SelfProbe::new(server.address().to_string()).base_path("/admin");
    probe().run().unwrap();
    assert_eq!(text(probe().exit_code()), text(ExitCode::SUCCESS));
    management
        .availability()
        .set_readiness(ReadinessState::RefusingTraffic);
    assert_eq!(reason(probe()), "503 Service Unavailable: OUT_OF_SERVICE");
    assert_eq!(text(probe().exit_code()), text(ExitCode::from(1)));
    probe().group(LIVENESS).run().unwrap();
    assert_eq!(
        reason(probe().group("livenes")),
        "404 Not Found: the answer is no health"
    );
    assert_eq!(
        reason(probe().base_path("/z")),
        "404 Not Found: the answer is no health"
    );
}

/// Exit codes cannot be compared.
fn text(code: impl Debug) -> String {
    format!("{code:?}")
}

#[test]
fn the_address_on_which_the_application_listens_is_enough() {
    let management = Management::builder("orders").build().unwrap();
    for (listens, host) in [
        ("0.0.0.0:0", "0.0.0.0"),
        ("0.0.0.0:0", ""),
        ("0.0.0.0:0", "localhost"),
        ("[::]:0", "[::]"),
    ] {
        // A machine without IPv6 cannot listen on it either.
        let Ok(server) = management.serve_on(listens) else {
            assert!(listens.starts_with("[::]"), "{listens}");
            continue;
        };
        SelfProbe::new(format!("{host}:{}", server.address().port()))
            .run()
            .unwrap_or_else(|error| panic!("{host}: {error}"));
    }
}

#[test]
fn what_cannot_be_asked_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    for (address, expected) in [
        (closed.as_str(), format!("cannot connect to {closed}: ")),
        ("localhost", "`localhost` is no address: ".to_owned()),
        (
            "localhost:port",
            "`localhost:port` is no address: ".to_owned(),
        ),
        ("", "`` is no address: ".to_owned()),
        ("a b:1\r\n", "the address holds a blank".to_owned()),
    ] {
        let reason = reason(SelfProbe::new(address));
        assert!(reason.starts_with(&expected), "{address}: {reason}");
    }
}

#[test]
fn no_server_holds_the_probe_beyond_its_deadline() {
    let deadline = 200 * MS;
    let servers: [(&str, fn(TcpStream)); 2] = [
        ("silent", |stream| {
            thread::sleep(3000 * MS);
            drop(stream);
        }),
        ("drop by drop", |mut stream| {
            while stream.write_all(b"H").is_ok() {
                thread::sleep(20 * MS);
            }
        }),
    ];
    for (name, behave) in servers {
        let address = server(behave);
        let start = Instant::now();
        let reason = reason(SelfProbe::new(address.to_string()).deadline(deadline));
        assert!(reason.starts_with("no answer "), "{name}: {reason}");
        assert!(
            start.elapsed() < deadline + 2000 * MS,
            "{name}: after {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn no_answer_is_too_strange() {
    let servers: [(&str, fn(TcpStream), &str); 4] = [
        (
            "endless",
            |mut stream| while stream.write_all(&[b'x'; 65536]).is_ok() {},
            "is larger than 1048576 bytes",
        ),
        ("closes at once", drop, "no answer from "),
        (
            "garbage",
            |mut stream| {
                _ = stream.read(&mut [0; 1024]);
                _ = stream.write_all(b"\xff\xff\r\n\r\n");
            },
            "is no HTTP: its head is no text",
        ),
        (
            "chunked",
            |mut stream| {
                _ = stream.read(&mut [0; 1024]);
                _ = stream.write_all(b"HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\n\r\n11\r\n{\"status\":\"DOWN\"}\r\n0\r\n\r\n");
            },
            "503 No: DOWN",
        ),
    ];
    for (name, behave, expected) in servers {
        let reason =
            reason(SelfProbe::new(server(behave).to_string()).deadline(Duration::from_secs(10)));
        let is_named = reason.contains(expected)
            || name == "closes at once" && reason.contains("its head does not end");
        assert!(is_named, "{name}: {reason}");
    }
}

#[test]
fn the_server_is_told_how_long_the_probe_waits() {
    let management = Management::builder("orders")
        .deadline(Duration::from_secs(5))
        .component(
            health_core::Component::new("hangs", || async { std::future::pending::<()>().await })
                .readiness(),
        )
        .build()
        .unwrap();
    let server = serve(&management, "127.0.0.1:0");
    let reason = reason(SelfProbe::new(server.address().to_string()));
    assert_eq!(
        reason, "503 Service Unavailable: DOWN",
        "an answer, before {DEFAULT_PROBE_DEADLINE:?} are over"
    );
}

/// Serves one client.
fn server(behave: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        behave(stream);
    });
    address
}
