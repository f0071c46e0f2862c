//! What a server tells, and why it does not.

use std::time::Duration;

use check_testing::{Authority, Relay, eventually, servers::nats::Nats as Server};
use health_checks::{Nats, Tls};
use health_core::Status;

use crate::{alone, ask, assert_down, assert_up, number, text};

const WITHIN: Duration = Duration::from_secs(30);

fn of(server: &Server) -> Nats {
    Nats::connect(format!("nats://{}", server.address())).unwrap()
}

#[test]
fn a_server_tells_its_version_and_name() {
    alone(async {
        let server = Server::start(&[]);
        let client = async_nats::connect(server.address().to_string()).await;
        for check in [of(&server), Nats::new(client.unwrap())] {
            let health = ask(&check).await;
            assert_up(&health);
            let version = text(&health, "version");
            let printed = server.process().printed();
            let shown = printed.lines().any(|line| line.ends_with(&version));
            assert!(!version.is_empty() && shown, "{version}: {printed}");
            assert_eq!(text(&health, "serverName"), "of-the-test");
            assert!(number(&health, "latencyMs").is_some());
            assert_eq!(health.details().get("streams"), None);
        }
    });
}

#[test]
fn why_there_is_no_connection_is_told() {
    alone(async {
        let server = Server::start(&["--auth", "right"]);
        let address = server.address();
        let refused = Server::start(&[]).address();
        let cases = [
            (format!("nats://wrong@{address}"), "authentication failed"),
            (format!("nats://{address}"), "authentication failed"),
            (format!("nats://{refused}"), "refused the connection"),
            (
                "nats://nowhere.invalid".to_owned(),
                "the name of nowhere.invalid:4222 was not resolved",
            ),
            (format!("tls://right@{address}"), "TLS with 127.0.0.1"),
        ];
        for (url, error) in cases {
            assert_down(&ask(&Nats::connect(&url).unwrap()).await, error);
        }
        let check = Nats::connect(format!("nats://right@{refused},nats://{address}")).unwrap();
        assert_up(&ask(&check).await);
        assert_up(&ask(&check).await);
    });
}

#[test]
fn a_missing_permission_is_told() {
    alone(async {
        let server = Server::start_with(
            r#"authorization { users = [
                { user: app, password: p, permissions: { publish: "orders", subscribe: "_INBOX.>" } }
            ] }"#,
        );
        let check = Nats::connect(format!("nats://app:p@{}", server.address())).unwrap();
        let health = ask(&check).await;
        assert_down(&health, "no message back within");
        assert_down(&health, "ermissions");
    });
}

#[test]
fn a_connection_that_was_lost_is_opened_again_at_once() {
    alone(async {
        let server = Server::start(&[]);
        let relay = Relay::to(server.address());
        let check = Nats::connect(format!("nats://{}", relay.address())).unwrap();
        assert_up(&ask(&check).await);
        assert_up(&ask(&check).await);
        assert_eq!(relay.accepted(), 1);
        drop(relay);
        assert_down(&ask(&check).await, "refused the connection");
    });
}

#[test]
fn a_lame_duck_is_out_of_service_unless_another_server_is_there() {
    alone(async {
        let lame = Server::start(&[]);
        let other = Server::start(&[]);
        let alone = of(&lame);
        let both = format!("nats://{},nats://{}", lame.address(), other.address());
        let both = Nats::connect(both).unwrap();
        for check in [&alone, &both] {
            assert_up(&ask(check).await);
        }
        lame.process().signal("USR2");
        eventually("lame duck mode is told", WITHIN, async || {
            let health = ask(&alone).await;
            let is_out = *health.status() == Status::OUT_OF_SERVICE;
            assert!(is_out || *health.status() == Status::UP, "{health:?}");
            is_out && text(&health, "error").contains("lame duck mode")
        })
        .await;
        assert_up(&ask(&both).await);
    });
}

#[test]
fn both_sides_are_verified() {
    alone(async {
        let authority = Authority::new("ours");
        let other = Authority::new("other");
        let server = Server::start_tls(&authority.sign(&["localhost"]), authority.pem());
        let mine = authority.sign(&["client"]);
        let url = |host: &str| format!("tls://{host}:{}", server.address().port());
        let trusting = |host: &str, authority: &Authority| {
            let check = Nats::connect(url(host)).unwrap();
            check.tls(Tls::new().ca(authority.pem()).unwrap()).unwrap()
        };
        let introduced = |host: &str| {
            let tls = Tls::new().ca(authority.pem()).unwrap();
            let tls = tls.identity(&mine.certificate, &mine.key).unwrap();
            Nats::connect(url(host)).unwrap().tls(tls).unwrap()
        };
        assert_up(&ask(&introduced("localhost")).await);
        let cases = [
            (
                "private authority",
                Nats::connect(url("localhost")).unwrap(),
                "UnknownIssuer",
            ),
            (
                "other authority",
                trusting("localhost", &other),
                "UnknownIssuer",
            ),
            ("other name", introduced("127.0.0.1"), "not valid for name"),
            (
                "no client certificate",
                trusting("localhost", &authority),
                "received fatal alert: BadCertificate",
            ),
        ];
        for (name, check, error) in cases {
            let health = ask(&check).await;
            assert!(!text(&health, "error").is_empty(), "{name}");
            assert_down(&health, error);
        }
    });
}
