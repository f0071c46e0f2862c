//! JetStream: the account and its streams.

use check_testing::servers::nats::Nats as Server;
use health_checks::Nats;
use health_core::Status;

use crate::{alone, ask, assert_down, assert_up, number, text};

#[test]
fn streams_are_there_or_not() {
    alone(async {
        let server = Server::start(&["-js"]);
        let url = format!("nats://{}", server.address());
        let client = async_nats::connect(&url).await.unwrap();
        let stream = r#"{ "name": "ORDERS", "subjects": ["orders.*"], "storage": "file" }"#;
        let created = client
            .request("$JS.API.STREAM.CREATE.ORDERS", stream.into())
            .await;
        assert!(
            !created
                .unwrap()
                .payload
                .windows(5)
                .any(|word| word == b"error")
        );
        for _ in 0..3 {
            client.request("orders.new", "x".into()).await.unwrap();
        }

        for check in [Nats::connect(&url).unwrap(), Nats::new(client)] {
            let check = check.stream("ORDERS");
            let health = ask(&check).await;
            assert_up(&health);
            assert_eq!(number(&health, "streams"), Some(1));
            assert_eq!(number(&health, "consumers"), Some(0));
            assert!(number(&health, "storageBytes") > Some(0), "{health:?}");
            let stream = &health.components()["ORDERS"];
            assert_up(stream);
            assert_eq!(number(stream, "messages"), Some(3));

            let health = ask(&check.stream("BILLS").stream("a b")).await;
            assert_down(&health, "`BILLS`, `a b`");
            assert_up(&health.components()["ORDERS"]);
            assert_down(&health.components()["BILLS"], "there is no such stream");
            assert_down(&health.components()["a b"], "no stream can have this name");
        }
    });
}

#[test]
fn jetstream_that_is_not_there_is_told_apart() {
    alone(async {
        let none = Server::start(&[]);
        let url = format!("nats://{}", none.address());
        let health = ask(&Nats::connect(&url).unwrap().jetstream()).await;
        assert_down(&health, "JetStream is not enabled on the server");
        assert_eq!(text(&health, "serverName"), "of-the-test");
        assert_eq!(
            *ask(&Nats::connect(&url).unwrap()).await.status(),
            Status::UP
        );

        let server = Server::start_with(
            "jetstream: enabled
            accounts: { A: { users: [{ user: a, password: p }] }, B: { jetstream: enabled, users: [{ user: b, password: p }] } }",
        );
        let of = |user: &str| {
            let url = format!("nats://{user}:p@{}", server.address());
            Nats::connect(url).unwrap().jetstream()
        };
        assert_up(&ask(&of("b")).await);
        let health = ask(&of("a")).await;
        assert_down(&health, "JetStream is not enabled for this account");
        let health = ask(&of("b").jetstream_domain("hub")).await;
        assert_down(&health, "JetStream is not enabled on the server");
    });
}
