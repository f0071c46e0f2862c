//! The end by a real SIGTERM, in a process of its own: this test binary, started once more.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails its test"
)]
#![cfg(unix)]

mod outside;

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use health_core::Management;
use outside::client::{self, get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Tells the child that it is one, and its grace period in milliseconds.
const GRACE_VARIABLE: &str = "TEST_DRAIN_GRACE_MS";

/// What the child is: an application that serves `/hello` until it has drained. Does nothing in the
/// parent.
#[test]
fn child() {
    let Ok(grace) = std::env::var(GRACE_VARIABLE) else {
        return;
    };
    let grace = Duration::from_millis(grace.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let management = Management::builder("orders")
            .drain_grace(grace)
            .build()
            .unwrap();
        let server = management.serve_on("127.0.0.1:0").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!(
            "listens {} {}",
            server.address(),
            listener.local_addr().unwrap()
        );
        let serving = tokio::spawn(hello(listener));
        management.drain_on_signal().await;
        serving.abort();
    });
    println!("drained");
}

async fn hello(listener: TcpListener) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        _ = stream.read(&mut [0; 1024]).await;
        _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")
            .await;
    }
}

#[test]
fn readiness_is_refused_first_and_the_rest_goes_on_until_the_grace_is_over() {
    let mut application = Application::start(Duration::from_millis(2000));
    assert_eq!(
        application.codes(),
        [200, 200, 200],
        "readiness, liveness, hello"
    );
    let start = Instant::now();
    application.signal("TERM");
    while application.codes()[0] == 200 {
        assert!(
            start.elapsed() < Duration::from_millis(1500),
            "readiness is not refused"
        );
    }
    assert_eq!(
        application.codes(),
        [503, 200, 200],
        "readiness, liveness, hello"
    );
    let refused = get(application.management, "/z/health/readinessState");
    assert_eq!(
        refused.body,
        r#"{"status":"OUT_OF_SERVICE","description":"draining"}"#
    );
    application.assert_ends_well();
    assert!(
        start.elapsed() >= Duration::from_millis(2000),
        "after {:?}",
        start.elapsed()
    );
}

#[test]
fn a_second_signal_ends_the_grace() {
    for second in ["TERM", "INT"] {
        let mut application = Application::start(Duration::from_secs(60));
        application.signal("INT");
        while application.codes()[0] == 200 {}
        application.signal(second);
        let start = Instant::now();
        application.assert_ends_well();
        assert!(start.elapsed() < client::PATIENCE, "{second}");
    }
}

struct Application {
    child: Child,
    stdout: BufReader<ChildStdout>,
    management: SocketAddr,
    hello: SocketAddr,
}

impl Application {
    fn start(grace: Duration) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(GRACE_VARIABLE, grace.as_millis().to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let line = line_with(&mut stdout, "listens ");
        let mut addresses = line.split_once("listens ").unwrap().1.split_whitespace();
        let mut address = || addresses.next().unwrap().parse().unwrap();
        let (management, hello) = (address(), address());
        // On its one thread the application listens to signals before it answers this.
        get(hello, "/hello");
        Self {
            child,
            stdout,
            management,
            hello,
        }
    }

    fn codes(&self) -> [u16; 3] {
        [
            get(self.management, "/z/health/readiness").code,
            get(self.management, "/z/health/liveness").code,
            get(self.hello, "/hello").code,
        ]
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    fn assert_ends_well(&mut self) {
        line_with(&mut self.stdout, "drained");
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            assert!(start.elapsed() < client::PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn line_with(lines: &mut impl BufRead, text: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "the child ended before `{text}`"
        );
        if line.contains(text) {
            return line;
        }
    }
}
