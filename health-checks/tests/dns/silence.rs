//! Servers that are not there, and what is left behind by asking.

use std::{fs, net::UdpSocket, sync::Arc, time::Duration};

use check_testing::{Restart, eventually, servers::dns::Dnsmasq};
use health_checks::DnsRecord::A;
use health_core::{Check, Component, Management, Request, Show};
use serde_json::{Value, json};

use crate::{
    dns,
    shared::{alone, ask, assert_down, assert_up, detail},
};

const RECORDS: [&str; 1] = ["--host-record=db.test,10.0.0.1"];

#[test]
fn it_is_down_with_its_server_and_up_again() {
    alone(async {
        let mut server = Dnsmasq::start(&RECORDS);
        let check = dns(server.address(), "db.test", A);
        assert_up("before", &ask(&check).await);
        server.signal("STOP");
        assert_down("stopped", &ask(&check).await, "gave no answer within");
        server.signal("CONT");
        assert_up("going on", &ask(&check).await);
        server.kill();
        let reason = format!("the server {} does not listen", server.address());
        assert_down("killed", &ask(&check).await, &reason);
        server.start();
        assert_up("started again", &ask(&check).await);
    });
}

#[test]
fn a_server_without_a_route_is_told() {
    alone(async {
        // An address of the local link, without the interface that leads there.
        let check = dns("[fe80::1]:53".parse().unwrap(), "db.test", A);
        assert_down(
            "no route",
            &ask(&check).await,
            "the server [fe80::1]:53 cannot be asked: ",
        );
    });
}

#[test]
fn another_server_is_asked_when_one_is_silent() {
    alone(async {
        let server = Dnsmasq::start(&RECORDS);
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let silent = silent.local_addr().unwrap();
        let check = dns(silent, "db.test", A);
        let check = check.server(server.address().to_string()).unwrap();
        let health = ask(&check).await;
        assert_up("second", &health);
        assert_eq!(
            detail(&health, "server"),
            json!(server.address().to_string())
        );
    });
}

#[test]
fn the_deadline_is_kept_and_the_reason_known() {
    alone(async {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let check: Arc<dyn Check> = Arc::new(dns(silent.local_addr().unwrap(), "db.test", A));
        let deadline = Duration::from_millis(600);
        let management = Management::builder("dns")
            .component(Component::new("it", check))
            .deadline(deadline)
            .show_details(Show::Always)
            .build()
            .unwrap();
        let headers = axum::http::HeaderMap::new();
        let request = Request::new("GET", "/z/health/it", &headers);
        let body = management.respond(&request).await.body().to_vec();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let error = body["details"]["error"].as_str().unwrap();
        assert!(error.contains("gave no answer within"), "{body}");
        // Asked again while it was waited for: a datagram may be lost.
        silent.set_nonblocking(true).unwrap();
        let mut datagrams = 0;
        while silent.recv(&mut [0; 512]).is_ok() {
            datagrams += 1;
        }
        assert!(datagrams >= 2, "{datagrams}");
    });
}

#[test]
fn nothing_is_left_after_many_runs() {
    alone(async {
        let server = Dnsmasq::start(&RECORDS);
        let check = dns(server.address(), "db.test", A);
        let descriptors = || fs::read_dir("/proc/self/fd").unwrap().count();
        assert_up("first", &ask(&check).await);
        let before = descriptors();
        for run in 0..1000 {
            assert_up(&format!("run {run}"), &ask(&check).await);
        }
        let within = Duration::from_secs(5);
        eventually("descriptors are closed", within, async || {
            descriptors() <= before
        })
        .await;
        let tasks = tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks();
        assert_eq!(tasks, 0);
    });
}
