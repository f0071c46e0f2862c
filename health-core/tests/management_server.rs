//! The management server over real sockets.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails its test"
)]

mod outside;

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use health_core::{
    Component, Group, Health, Identity, Management, ManagementServer, Refresh, Show,
};
use outside::client::{PATIENCE, connect, get, send};
use tokio::runtime::{self, Handle};

const MS: Duration = Duration::from_millis(1);

fn serve(management: &Management) -> ManagementServer {
    management.serve_on("127.0.0.1:0").expect("a free port")
}

#[test]
fn all_endpoints_answer() {
    let management = Management::builder("orders")
        .version("1.2.3")
        .group(
            Group::new("traffic")
                .include(["ping"])
                .additional_path("management:/ready"),
        )
        .group(
            Group::new("other")
                .include(["ping"])
                .additional_path("server:/other"),
        )
        .build()
        .unwrap();
    let server = serve(&management);
    let address = server.address();
    for (path, code, body) in [
        ("/z/health/ping", 200, r#"{"status":"UP"}"#),
        ("/z/health/liveness", 200, r#"{"status":"UP"}"#),
        ("/z/version", 200, "1.2.3"),
        ("/ready", 200, r#"{"status":"UP"}"#),
        ("/other", 404, ""),
        ("/z/health/nobody", 404, ""),
        ("/", 404, ""),
    ] {
        let answer = get(address, path);
        let body = if path == "/ready" {
            &answer.body.clone()
        } else {
            body
        };
        assert_eq!((answer.code, &*answer.body), (code, body), "{path}");
    }
    assert_eq!(get(address, "/ready").at("/status"), "UP");
    assert_eq!(get(address, "/z/info").at("/app/name"), "orders");
    let link = get(address, "/z").at("/_links/health/href");
    assert_eq!(link, "http://test/z/health");
    let head = send(
        address,
        "HEAD /z/version HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n",
    );
    assert!(
        head.body.is_empty() && head.head.contains("\r\ncontent-length: 5"),
        "{head:?}"
    );
    let post = send(
        address,
        "POST /z/health HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\nconnection: close\r\n\r\nsome body",
    );
    assert!(
        post.code == 405 && post.head.contains("\r\nallow: GET, HEAD, OPTIONS"),
        "{post:?}"
    );
}

#[test]
fn a_port_in_use_is_named_and_freed_by_the_drop() {
    let management = Management::builder("orders").build().unwrap();
    let server = serve(&management);
    let address = server.address();
    let error = management.serve_on(address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let reason = error.to_string();
    assert!(
        reason.starts_with(&format!(
            "the management server cannot listen on {address}: "
        )),
        "{reason}"
    );

    let mut open = connect(address);
    open.write_all(b"GET /z/version HTTP/1.1\r\nhost: test\r\n\r\n")
        .unwrap();
    assert!(
        open.read(&mut [0; 1]).unwrap() == 1,
        "it is answered, and stays open"
    );
    drop(server);
    let mut rest = Vec::new();
    _ = open.read_to_end(&mut rest);
    let again = management
        .serve_on(address)
        .expect("the port is free at once");
    assert_eq!(get(again.address(), "/z/health/ping").code, 200);
}

#[test]
fn checks_run_on_the_application_s_runtime() {
    let application = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("application")
        .enable_all()
        .build()
        .unwrap();
    let management = {
        let _entered = application.enter();
        where_it_runs().build().unwrap()
    };
    let server = serve(&management);
    let health = health_after_the_first_run(server.address());
    assert_eq!(
        health.at("/components/request/details/thread"),
        "application"
    );
    assert_eq!(
        health.at("/components/background/details/thread"),
        "application"
    );
}

/// A worker of plain threads: `build` and the start are called outside of every runtime.
#[test]
fn a_process_without_a_runtime_has_its_checks_run_on_a_thread_of_their_own() {
    let management = where_it_runs().build().unwrap();
    assert!(Handle::try_current().is_err());
    let server = serve(&management);
    let health = health_after_the_first_run(server.address());
    assert_eq!(
        health.at("/components/request/details/thread"),
        "health-checks"
    );
    assert_eq!(
        health.at("/components/background/details/thread"),
        "health-checks"
    );
}

/// Asks for the health when the check in the background has had its first run.
fn health_after_the_first_run(address: SocketAddr) -> outside::client::Answer {
    let start = Instant::now();
    while get(address, "/z/health/background").code != 200 {
        assert!(
            start.elapsed() < PATIENCE,
            "the background refresh does not run"
        );
        thread::sleep(5 * MS);
    }
    get(address, "/z/health")
}

fn where_it_runs() -> health_core::Builder {
    let tells =
        || async { Health::up().detail("thread", thread::current().name().unwrap_or("none")) };
    Management::builder("orders")
        .show_details(Show::Always)
        .component(Component::new("request", tells))
        .component(
            Component::new("background", tells).background(Refresh::every(Duration::from_secs(60))),
        )
}

/// Neither a check nor a closure of `/version` or `/info` that blocks keeps others from an answer.
#[test]
fn code_that_blocks_delays_nobody_else() {
    let management = Management::builder("orders")
        .version(|| {
            thread::sleep(1500 * MS);
            "late"
        })
        .info(|info| {
            info.contributor("late", || {
                thread::sleep(1500 * MS);
                serde_json::json!({"a": 1})
            })
        })
        .check("blocks", || async { thread::sleep(1500 * MS) })
        .build()
        .unwrap();
    let server = serve(&management);
    let address = server.address();
    let asked = ["/z/version", "/z/info", "/z/health"]
        .map(|path| thread::spawn(move || get(address, path).code));
    thread::sleep(50 * MS);
    let start = Instant::now();
    assert_eq!(get(address, "/z/health/liveness").code, 200);
    assert!(start.elapsed() < 700 * MS, "{:?}", start.elapsed());
    assert_eq!(asked.map(|asked| asked.join().unwrap()), [503, 503, 503]);
}

/// Its future is polled on the application's runtime, as those of checks are.
#[test]
fn an_async_version_that_blocks_delays_nobody_else() {
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let management = Management::builder("orders")
        .version(move || {
            let released = Arc::clone(&released);
            async move {
                _ = released.lock().map(|released| released.recv());
                "late"
            }
        })
        .build()
        .unwrap();
    let server = serve(&management);
    let address = server.address();
    let asked = thread::spawn(move || get(address, "/z/version").code);
    let patience = Instant::now() + PATIENCE;
    while !asked.is_finished() && Instant::now() < patience {
        assert_eq!(get(address, "/z/health/liveness").code, 200);
        thread::sleep(5 * MS);
    }
    assert_eq!(asked.join().unwrap(), 500);
    drop(release);
}

#[test]
fn nobody_waits_in_line_for_a_closure_who_has_given_up() {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let management = Management::builder("orders")
        .info(move |info| {
            info.contributor("late", move || {
                count.fetch_add(1, Ordering::SeqCst);
                _ = released.lock().map(|released| released.recv());
                1
            })
        })
        .build()
        .unwrap();
    let server = serve(&management);
    let address = server.address();
    let asked: Vec<_> = (0..40)
        .map(|_| thread::spawn(move || get(address, "/z/info").code))
        .collect();
    for asked in asked {
        assert_eq!(asked.join().unwrap(), 503);
    }
    let at_once = calls.load(Ordering::SeqCst);
    assert!(at_once <= 4, "{at_once} at once");
    drop(release);
    assert_eq!(get(address, "/z/info").code, 200);
    let calls = calls.load(Ordering::SeqCst);
    assert!(calls <= at_once + 1, "{calls} calls in the end");
}

#[test]
fn who_asks_is_found_in_the_head_of_the_request() {
    let management = Management::builder("orders")
        .show_details(Show::WhenAuthorized)
        .check("db", || async { Health::up().detail("pool", 3) })
        .build()
        .unwrap();
    let server = ManagementServer::builder(&management)
        .identify(|parts| {
            let client = parts
                .extensions
                .get::<SocketAddr>()
                .expect("the client's address");
            assert!(!parts.headers.contains_key("x-bomb"), "the closure panics");
            let token = parts.headers.get("authorization")?;
            (client.ip().is_loopback() && token == "Bearer secret").then(Identity::new)
        })
        .start("127.0.0.1:0")
        .unwrap();
    let ask = |header: &str| {
        send(
            server.address(),
            &format!(
                "GET /z/health/db HTTP/1.1\r\nhost: test\r\n{header}connection: close\r\n\r\n"
            ),
        )
    };
    assert_eq!(ask("").body, r#"{"status":"UP"}"#);
    assert_eq!(
        ask("authorization: Bearer wrong\r\n").body,
        r#"{"status":"UP"}"#
    );
    assert_eq!(
        ask("authorization: Bearer secret\r\n").at("/details/pool"),
        3
    );
    assert_eq!(ask("x-bomb: 1\r\n").code, 500);
    assert_eq!(ask("").code, 200, "and it goes on");
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let management = Management::builder("orders")
        .version("1.2.3")
        .build()
        .unwrap();
    let server = serve(&management);
    let answers = {
        let mut stream = connect(server.address());
        let one = |path, rest| format!("GET {path} HTTP/1.1\r\nhost: test\r\n{rest}\r\n");
        let requests = [
            one("/z/version", ""),
            one("/z/health/nobody", ""),
            one("/z/health/ping", "connection: close\r\n"),
        ];
        stream.write_all(requests.concat().as_bytes()).unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).unwrap();
        answers
    };
    let codes: Vec<&str> = answers
        .matches("HTTP/1.1 ")
        .zip(answers.split("HTTP/1.1 ").skip(1))
        .map(|(_, rest)| &rest[..3])
        .collect();
    assert_eq!(codes, ["200", "404", "200"], "{answers}");
}

#[test]
fn hostile_clients_do_not_keep_a_probe_out() {
    let management = Management::builder("orders").build().unwrap();
    let server = ManagementServer::builder(&management)
        .max_connections(4)
        .start("127.0.0.1:0")
        .unwrap();
    let address = server.address();
    let mut held: Vec<TcpStream> = (0..40).map(|_| connect(address)).collect();
    for stream in &mut held {
        _ = stream.write_all(b"GET /z/health HTTP/1.1\r\nx-slow: ");
    }
    for _ in 0..20 {
        assert_eq!(get(address, "/z/health/liveness").code, 200);
    }
    let closed = held.into_iter().filter_map(|mut stream| {
        stream.set_read_timeout(Some(50 * MS)).unwrap();
        let read = stream.read(&mut [0; 1]);
        let is_open = matches!(&read, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        (!is_open).then_some(stream)
    });
    assert!(closed.count() >= 36, "the oldest give way");
}

#[test]
fn a_client_that_sends_no_head_is_let_go() {
    let management = Management::builder("orders").build().unwrap();
    let server = ManagementServer::builder(&management)
        .header_timeout(500 * MS)
        .start("127.0.0.1:0")
        .unwrap();
    for (name, sent, answer) in [
        ("nothing", "", ""),
        ("half a head", "GET /z/health HTTP/1.1\r\nhost: te", ""),
        (
            "nothing more after an answer",
            "GET /z/health/ping HTTP/1.1\r\nhost: test\r\n\r\n",
            "HTTP/1.1 200",
        ),
    ] {
        let start = Instant::now();
        let mut stream = connect(server.address());
        stream.write_all(sent.as_bytes()).unwrap();
        let mut received = String::new();
        stream
            .read_to_string(&mut received)
            .unwrap_or_else(|error| panic!("{name}: it is not let go: {error}"));
        assert!(
            received.starts_with(answer) && start.elapsed() > 490 * MS,
            "{name}: {received} after {:?}",
            start.elapsed()
        );
    }
}

#[test]
fn no_setting_is_too_extreme() {
    let management = Management::builder("orders").build().unwrap();
    let all = [(usize::MAX, Duration::MAX), (0, Duration::MAX)];
    for (connections, timeout) in all {
        let server = ManagementServer::builder(&management)
            .max_connections(connections)
            .header_timeout(timeout)
            .start("127.0.0.1:0")
            .unwrap();
        assert_eq!(
            get(server.address(), "/z/health/ping").code,
            200,
            "{connections} {timeout:?}"
        );
    }
}

#[test]
fn no_bytes_stop_the_server() {
    let management = Management::builder("orders").build().unwrap();
    let server = serve(&management);
    let address = server.address();
    let giant = format!(
        "GET /z/health HTTP/1.1\r\nx: {}\r\n\r\n",
        "a".repeat(100_000)
    );
    let many = format!("GET /z/health HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(1000));
    let long = format!(
        "GET /z/health/{} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n",
        "a".repeat(8000)
    );
    let cases: [(&str, &[u8], &str); 9] = [
        ("garbage", b"\0\xff\xfe\r\n\r\n", "400"),
        (
            "TLS",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            "400",
        ),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
        ("giant head", giant.as_bytes(), "431"),
        ("many headers", many.as_bytes(), "431"),
        ("long path", long.as_bytes(), "404"),
        (
            "authority",
            b"CONNECT a:1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            "404",
        ),
        (
            "asterisk",
            b"OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            "404",
        ),
        (
            "bad coding",
            b"GET /z/health/%ff HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            "404",
        ),
    ];
    for (name, sent, code) in cases {
        let mut stream = connect(address);
        _ = stream.write_all(sent);
        let mut received = Vec::new();
        _ = stream.read_to_end(&mut received);
        let received = String::from_utf8_lossy(&received);
        let found = received
            .strip_prefix("HTTP/1.1 ")
            .map_or("", |rest| &rest[..3]);
        assert!(
            found == code || found.is_empty() && code == "431",
            "{name}: {received:?}"
        );
    }
    assert_eq!(get(address, "/z/health/ping").code, 200);
}

#[test]
fn a_large_answer_arrives_whole() {
    let large = || async { Health::up().detail("text", "x".repeat(60_000)) };
    let builder = Management::builder("orders").show_details(Show::Always);
    let names = (0..10).map(|check| format!("large-{check}"));
    let builder = names.fold(builder, |builder, name| builder.check(name, large));
    let server = serve(&builder.build().unwrap());
    let answer = get(server.address(), "/z/health");
    assert!(answer.body.len() > 600_000 && answer.at("/components/large-9/status") == "UP");
}

#[test]
fn many_questions_at_once_cost_one_run() {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let check = move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { tokio::time::sleep(300 * MS).await }
    };
    let management = Management::builder("orders")
        .check("db", check)
        .build()
        .unwrap();
    let server = serve(&management);
    let address = server.address();
    let asked: Vec<_> = (0..50)
        .map(|_| thread::spawn(move || get(address, "/z/health").code))
        .collect();
    assert!(asked.into_iter().all(|asked| asked.join().unwrap() == 200));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}
