//! SIGTERM: readiness is refused while everything is still served, then the process ends with 0.

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::{
    http,
    server::{Server, wait_until, with_each_framework},
};

#[test]
fn readiness_is_refused_while_all_is_still_served() {
    with_each_framework(|framework| {
        let fixture = r#"{"add_probe_paths": true, "drain_ms": 1500, "checks": {"db": {}}}"#;
        let mut server = Server::start(framework, fixture);
        assert_eq!(http::get(server.address, "/readyz").status, 200);
        let start = Instant::now();
        server.terminate();
        wait_until("readiness is refused", || {
            http::get(server.address, "/readyz").status == 503
        });
        let refusal = http::get(server.address, "/readyz");
        assert_eq!(
            refusal.body,
            r#"{"status":"OUT_OF_SERVICE","description":"draining"}"#
        );
        for path in ["/livez", "/z/health/db", "/", "/bare"] {
            assert_eq!(http::get(server.address, path).status, 200, "{path}");
        }
        assert!(server.wait().success());
        assert!(
            start.elapsed() >= Duration::from_millis(1500),
            "{:?}",
            start.elapsed()
        );
        assert!(TcpStream::connect(server.address).is_err());
    });
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    with_each_framework(|framework| {
        let mut server = Server::start(framework, r#"{"checks": {"slow": {"delay_ms": 500}}}"#);
        let address = server.address;
        let client = thread::spawn(move || http::get(address, "/z/health/slow"));
        wait_until("the check runs", || {
            http::get(address, "/control/runs").body == r#"{"slow":1}"#
        });
        server.terminate();
        assert_eq!(client.join().unwrap().body, r#"{"status":"UP"}"#);
        assert!(server.wait().success());
    });
}

#[test]
fn an_idle_connection_does_not_hold_the_end_up() {
    with_each_framework(|framework| {
        let mut server = Server::start_with_management(framework, "{}");
        let _idle = http::connect(server.address);
        let _idle_management = http::connect(server.management.unwrap());
        let start = Instant::now();
        server.terminate();
        assert!(server.wait().success());
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "{:?}",
            start.elapsed()
        );
    });
}
