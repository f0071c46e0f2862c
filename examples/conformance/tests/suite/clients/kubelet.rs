//! A prober with the rules of Kubernetes, its periods scaled down.
//!
//! Source: Kubernetes "Configure Liveness, Readiness and Startup Probes": 200 to 399 is a success,
//! anything else and no answer within 1 s a failure; liveness and readiness are not asked before
//! the startup probe has succeeded; a container is not ready at first.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use super::control;
use crate::server::{PATIENCE, Server, with_each_framework};

/// The default of `timeoutSeconds`, which is not scaled.
const TIMEOUT: Duration = Duration::from_secs(1);
/// The default of `periodSeconds` is 10.
const PERIOD: Duration = Duration::from_millis(50);

/// One probe, and what it has found so far.
struct Probe {
    path: &'static str,
    failure_threshold: u32,
    success_threshold: u32,
    is_passing: bool,
    in_a_row: u32,
    slowest: Duration,
    timeouts: u32,
}

impl Probe {
    fn new(path: &'static str, failure_threshold: u32, is_passing: bool) -> Self {
        Self {
            path,
            failure_threshold,
            success_threshold: 1,
            is_passing,
            in_a_row: 0,
            slowest: Duration::ZERO,
            timeouts: 0,
        }
    }

    /// Asks once; the state changes when the answers in a row reach the threshold.
    fn ask(&mut self, server: SocketAddr) {
        let start = Instant::now();
        let status = status(server, self.path);
        self.slowest = self.slowest.max(start.elapsed());
        self.timeouts += u32::from(status.is_none());
        let has_passed = status.is_some_and(|status| (200..400).contains(&status));
        if has_passed == self.is_passing {
            self.in_a_row = 0;
            return;
        }
        self.in_a_row += 1;
        let threshold = if has_passed {
            self.success_threshold
        } else {
            self.failure_threshold
        };
        if self.in_a_row >= threshold {
            self.is_passing = has_passed;
            self.in_a_row = 0;
        }
    }
}

/// Asks as the kubelet does: a connection for each probe, and nothing read after the time is over.
fn status(server: SocketAddr, path: &str) -> Option<u16> {
    let end = Instant::now() + TIMEOUT;
    let mut stream = TcpStream::connect_timeout(&server, TIMEOUT).ok()?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {server}\r\nUser-Agent: kube-probe/1.34\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        let left = end
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())?;
        stream.set_read_timeout(Some(left)).ok()?;
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => answer.extend_from_slice(&buffer[..length]),
            _ => return None,
        }
    }
    std::str::from_utf8(&answer).ok()?.get(9..12)?.parse().ok()
}

/// A container with its three probes.
struct Container {
    server: SocketAddr,
    startup: Probe,
    liveness: Probe,
    readiness: Probe,
}

impl Container {
    fn new(server: &Server) -> Self {
        Self {
            server: server.address,
            startup: Probe::new("/startupz", 30, false),
            liveness: Probe::new("/livez", 3, true),
            readiness: Probe::new("/readyz", 3, false),
        }
    }

    /// One period.
    fn probe(&mut self) {
        let next = Instant::now() + PERIOD;
        if self.startup.is_passing {
            self.liveness.ask(self.server);
            self.readiness.ask(self.server);
        } else {
            self.startup.ask(self.server);
        }
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }

    fn probe_until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_so(self) {
            assert!(start.elapsed() < PATIENCE, "probed in vain until {what}");
            assert!(
                self.liveness.is_passing || what.contains("restart"),
                "restarted before {what}"
            );
            self.probe();
        }
    }

    fn probe_for(&mut self, periods: u32) {
        (0..periods).for_each(|_| self.probe());
    }
}

const FIXTURE: &str = r#"{
    "add_probe_paths": true, "drain_ms": 3000,
    "checks": {"db": {}},
    "groups": {"readiness": {"include": ["readinessState", "db"]}}
}"#;

#[test]
fn a_container_is_started_served_taken_out_and_restarted() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut container = Container::new(&server);
        container.probe_until("it has started", |container| container.startup.is_passing);
        container.probe_until("it is ready", |container| container.readiness.is_passing);

        control(server.address, "checks/db", r#"{"status": "DOWN"}"#);
        container.probe_until("it is not ready", |container| {
            !container.readiness.is_passing
        });
        container.probe_for(10);
        assert!(
            container.liveness.is_passing,
            "a dependency is no reason to restart"
        );
        control(server.address, "checks/db", "{}");
        container.probe_until("it is ready again", |container| {
            container.readiness.is_passing
        });

        control(server.address, "liveness", "BROKEN");
        container.probe_until("it is to be restarted", |container| {
            !container.liveness.is_passing
        });
        assert_eq!(
            (container.liveness.timeouts, container.readiness.timeouts),
            (0, 0)
        );
    });
}

#[test]
fn fewer_failures_than_the_threshold_change_nothing() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut container = Container::new(&server);
        container.probe_until("it is ready", |container| container.readiness.is_passing);
        control(
            server.address,
            "checks/db",
            r#"{"sequence": ["UP", "DOWN", "DOWN", "UP"]}"#,
        );
        for _ in 0..10 {
            container.probe();
            assert!(container.readiness.is_passing);
        }
    });
}

/// The answer comes within the timeout, with the true reason, and liveness does not wait for it.
#[test]
fn a_hanging_check_costs_readiness_and_nothing_else() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut container = Container::new(&server);
        container.probe_until("it is ready", |container| container.readiness.is_passing);
        control(server.address, "checks/db", r#"{"hang": true}"#);
        container.probe_until("it is not ready", |container| {
            !container.readiness.is_passing
        });
        assert_eq!(
            container.readiness.timeouts, 0,
            "{:?}",
            container.readiness.slowest
        );
        assert!(container.liveness.is_passing);
        assert!(
            container.liveness.slowest < TIMEOUT / 2,
            "{:?}",
            container.liveness.slowest
        );
    });
}

#[test]
fn a_container_has_not_started_before_each_check_has_run() {
    let fixture = r#"{
        "add_probe_paths": true,
        "background": {"interval_ms": 100}, "checks": {"slow": {"delay_ms": 700}}
    }"#;
    with_each_framework(|framework| {
        let server = Server::start(framework, fixture);
        let mut container = Container::new(&server);
        container.probe();
        assert!(!container.startup.is_passing);
        container.probe_until("it has started", |container| container.startup.is_passing);
        container.probe();
        assert!(container.readiness.is_passing && container.liveness.is_passing);
    });
}

#[test]
fn a_container_that_is_stopped_is_taken_out_first() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let mut container = Container::new(&server);
        container.probe_until("it is ready", |container| container.readiness.is_passing);
        server.terminate();
        container.probe_until("it is not ready", |container| {
            !container.readiness.is_passing
        });
        assert_eq!(container.readiness.timeouts, 0);
    });
}
