//! The gRPC check, against grpcio and its health service.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

#[path = "../shared/mod.rs"]
mod shared;
mod tls;

use std::{net::SocketAddr, sync::Arc};

use check_testing::{
    Refusing, Suite,
    servers::{
        canned::{Canned, End},
        grpc::{self, TOKEN},
    },
};
use health_checks::Grpc;
use serde_json::{Value, json};
use tonic::transport::{Channel, Endpoint};

use self::shared::{alone, ask, assert_down, assert_up, detail};

fn check(address: SocketAddr) -> Grpc {
    Grpc::new(format!("http://{address}")).unwrap()
}

fn channel(address: SocketAddr) -> Channel {
    let endpoint = Endpoint::try_from(format!("http://{address}")).unwrap();
    endpoint.connect_lazy()
}

#[test]
fn it_passes_the_suite() {
    alone(async {
        let mut server = grpc::Grpc::start();
        let address = server.address();
        let protected = |address| check(address).service("protected");
        let wrong = protected(address).bearer_token("wr0ng-t0ken").unwrap();
        let make = async |address| Arc::new(protected(address).bearer_token(TOKEN).unwrap()) as _;
        Suite::new(address, make)
            .secret(TOKEN)
            .secret("wr0ng-t0ken")
            .down("wrong token", wrong)
            .down("no token", protected(address))
            .restart(&mut server)
            .run()
            .await;
    });
}

#[test]
fn it_passes_the_suite_over_the_channel_of_the_application() {
    alone(async {
        let mut server = grpc::Grpc::start();
        let make = async |address| Arc::new(Grpc::channel(channel(address))) as _;
        Suite::new(server.address(), make)
            .restart(&mut server)
            .run()
            .await;
    });
}

#[test]
fn what_the_server_says_is_told() {
    alone(async {
        let server = grpc::Grpc::start();
        let without = grpc::Grpc::without_health();
        let own = check(server.address());
        let cases = [
            ("server", own.clone(), json!("SERVING"), None),
            (
                "service",
                own.clone().service("orders.v1.Orders"),
                json!("SERVING"),
                None,
            ),
            (
                "not serving",
                own.clone().service("resting"),
                json!("NOT_SERVING"),
                Some("the server says NOT_SERVING"),
            ),
            (
                "unclear",
                own.clone().service("unclear"),
                json!("UNKNOWN"),
                Some("the server says UNKNOWN"),
            ),
            (
                "unknown service",
                own.clone().service("absent"),
                Value::Null,
                Some("the server does not know the service `absent`"),
            ),
            (
                "no health service",
                check(without.address()),
                Value::Null,
                Some("the server has no service grpc.health.v1.Health"),
            ),
            (
                "no token",
                own.clone().service("protected"),
                Value::Null,
                Some("authentication failed: who are you"),
            ),
            (
                "wrong token",
                own.clone()
                    .service("protected")
                    .bearer_token("wrong")
                    .unwrap(),
                Value::Null,
                Some("the credentials do not allow the question: not ******"),
            ),
            (
                "token",
                own.service("protected").bearer_token(TOKEN).unwrap(),
                json!("SERVING"),
                None,
            ),
        ];
        for (name, check, status, reason) in cases {
            let health = ask(&check).await;
            match reason {
                None => assert_up(name, &health),
                Some(reason) => assert_down(name, &health, reason),
            }
            assert_eq!(
                detail(&health, "servingStatus"),
                status,
                "{name}: {health:?}"
            );
            assert!(detail(&health, "connectMs").is_u64(), "{name}: {health:?}");
        }
    });
}

#[test]
fn details_say_who_was_asked() {
    alone(async {
        let server = grpc::Grpc::start();
        let address = server.address();
        let health = ask(&check(address).service("orders.v1.Orders")).await;
        assert_eq!(detail(&health, "address"), json!(address.to_string()));
        assert_eq!(detail(&health, "service"), json!("orders.v1.Orders"));

        let health = ask(&Grpc::channel(channel(address))).await;
        assert_up("channel", &health);
        for name in ["address", "service", "connectMs"] {
            assert!(detail(&health, name).is_null(), "{name}: {health:?}");
        }
    });
}

#[test]
fn what_is_no_grpc_is_told() {
    alone(async {
        let nobody = Refusing::new();
        let refusing = nobody.address();
        let http = Canned::start(["", "HTTP/1.1 400 Bad Request\r\n\r\n"], End::Close);
        let closing = Canned::start(["", ""], End::Close);
        let silent = Canned::start([""], End::Hold);
        let cases = [
            ("refused", check(refusing), "refused the connection"),
            (
                "refused, channel",
                Grpc::channel(channel(refusing)),
                "refused the connection",
            ),
            ("HTTP/1", check(http.address()), "answered in HTTP/1"),
            (
                "closes",
                check(closing.address()),
                "the server closed the connection",
            ),
            (
                "resets",
                check(Canned::start([""], End::Reset).address()),
                "the server closed the connection",
            ),
            ("silent", check(silent.address()), "no answer within"),
            (
                "silent, channel",
                Grpc::channel(channel(silent.address())),
                "no answer within",
            ),
        ];
        for (name, check, reason) in cases {
            assert_down(name, &ask(&check).await, reason);
        }
    });
}

#[test]
fn metadata_that_cannot_be_sent_is_told_without_its_value() {
    let make = || Grpc::new("http://localhost:1").unwrap();
    let cases = [
        (
            make().metadata("a b", "s3cret"),
            "metadata `a b`: a name may",
        ),
        (
            make().metadata("token-bin", "s3cret"),
            "metadata `token-bin`: a name may",
        ),
        (
            make().metadata("token", "s3cret\n"),
            "metadata `token`: the value",
        ),
        (
            make().bearer_token("s3crét"),
            "metadata `authorization`: the value",
        ),
    ];
    for (result, text) in cases {
        let error = result.unwrap_err().to_string();
        assert!(
            error.starts_with(text) && !error.contains("s3cr"),
            "{error}"
        );
    }
}
