//! Vault by the answers that its documentation shows; no server of it is to be had for the tests.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::get,
};
use check_testing::Suite;
use health_checks::{Tls, Vault};
use health_core::{Check, Health, Status};
use serde_json::{Value, json};

/// The suite counts what the process holds.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

const TOKEN: &str = "s.s3cret";

/// What a server says of itself and of the token.
#[derive(Clone)]
struct Server {
    health: (u16, Value),
    token: (u16, Value),
    headers: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Server {
    fn new(code: u16, initialized: bool, sealed: bool) -> Self {
        let health = json!({
            "initialized": initialized, "sealed": sealed, "standby": code == 429,
            "performance_standby": false, "version": "1.20.0", "cluster_name": "vault-1",
            "server_time_utc": 1_700_000_000,
        });
        Self {
            health: (code, health),
            token: (
                200,
                json!({"data": {"ttl": 3600, "expire_time": "2026-01-01T00:00:00Z"}}),
            ),
            headers: Arc::default(),
        }
    }

    fn token(mut self, code: u16, body: Value) -> Self {
        self.token = (code, body);
        self
    }

    async fn start(&self) -> SocketAddr {
        let answer = |(code, body): (u16, Value)| {
            (StatusCode::from_u16(code).unwrap(), body.to_string()).into_response()
        };
        let app = Router::new()
            .route(
                "/v1/sys/health",
                get(
                    async move |State(server): State<Self>, headers: HeaderMap| {
                        server.headers.lock().unwrap().push(headers);
                        answer(server.health)
                    },
                ),
            )
            .route(
                "/v1/auth/token/lookup-self",
                get(
                    async move |State(server): State<Self>, headers: HeaderMap| {
                        let refused = headers.get("x-vault-token").is_none_or(|it| it != TOKEN);
                        server.headers.lock().unwrap().push(headers);
                        match refused {
                            true => answer((403, json!({"errors": ["permission denied"]}))),
                            false => answer(server.token),
                        }
                    },
                ),
            )
            .with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }
}

fn vault(address: SocketAddr) -> Vault {
    Vault::new(&format!("http://{address}/")).unwrap()
}

async fn asked(check: &Vault) -> (Status, String, Health) {
    let health = check.check().await.unwrap();
    let error = health.details().get("error").and_then(Value::as_str);
    (
        health.status().clone(),
        error.unwrap_or_default().to_owned(),
        health,
    )
}

#[tokio::test]
async fn each_code_of_the_health_endpoint_has_its_meaning() {
    let _alone = ALONE.lock().await;
    let odd = |code| Server {
        health: (code, json!({})),
        ..Server::new(200, true, false)
    };
    let cases = [
        ("active", Server::new(200, true, false), Status::UP, ""),
        ("standby", Server::new(429, true, false), Status::UP, ""),
        ("secondary", Server::new(472, true, false), Status::UP, ""),
        (
            "performance standby",
            Server::new(473, true, false),
            Status::UP,
            "",
        ),
        (
            "not initialized",
            Server::new(501, false, true),
            Status::OUT_OF_SERVICE,
            "it is not initialized",
        ),
        (
            "sealed",
            Server::new(503, true, true),
            Status::OUT_OF_SERVICE,
            "it is sealed",
        ),
        (
            "sealed, says the body only",
            Server::new(200, true, true),
            Status::DOWN,
            "answered 200, but not as Vault does",
        ),
        (
            "a page",
            odd(200),
            Status::DOWN,
            "answered 200, but not as Vault does",
        ),
        (
            "a broken proxy",
            odd(503),
            Status::DOWN,
            "answered 503, but not as Vault does",
        ),
        ("something else", odd(404), Status::DOWN, "answered 404"),
    ];
    for (name, server, status, error) in cases {
        let check = vault(server.start().await);
        let (found, said, health) = asked(&check).await;
        assert_eq!(
            (found, said.as_str()),
            (status, error),
            "{name}: {health:?}"
        );
    }
    let standby = Server::new(429, true, false).start().await;
    let (status, error, health) = asked(&vault(standby).require_active()).await;
    assert_eq!(
        (status, error.as_str()),
        (Status::OUT_OF_SERVICE, "it is a standby")
    );
    let details: Vec<_> = health.details().iter().map(|(key, _)| key).collect();
    let expected = [
        "version",
        "clusterName",
        "initialized",
        "sealed",
        "standby",
        "error",
        "url",
    ];
    assert_eq!(details, expected);
}

#[tokio::test]
async fn a_token_has_to_be_known_and_to_hold_long_enough() {
    let _alone = ALONE.lock().await;
    let active = || Server::new(200, true, false);
    let never_ends = json!({"data": {"ttl": 0, "expire_time": null}});
    let ends = json!({"data": {"ttl": 59, "expire_time": "2026-01-01T00:00:00Z"}});
    let cases = [
        ("valid", active(), TOKEN, Status::UP, ""),
        (
            "refused",
            active(),
            "s.other",
            Status::DOWN,
            "the token is refused (403)",
        ),
        (
            "never ends",
            active().token(200, never_ends),
            TOKEN,
            Status::UP,
            "",
        ),
        (
            "about to end",
            active().token(200, ends),
            TOKEN,
            Status::DOWN,
            "the token ends in 59 s",
        ),
        (
            "not understood",
            active().token(200, json!([])),
            TOKEN,
            Status::DOWN,
            "what it says of the token is not understood",
        ),
        (
            "failing",
            active().token(500, json!({})),
            TOKEN,
            Status::DOWN,
            "asked for the token it answered 500",
        ),
    ];
    for (name, server, token, status, error) in cases {
        let check = vault(server.start().await).token(token).unwrap();
        let check = check.min_token_ttl(Duration::from_secs(60));
        let check = check.namespace("team").unwrap();
        let (found, said, health) = asked(&check).await;
        assert_eq!(
            (found, said.as_str()),
            (status, error),
            "{name}: {health:?}"
        );
        assert!(!format!("{check:?} {health:?}").contains(token), "{name}");
        let headers = server.headers.lock().unwrap();
        assert!(
            headers[0].get("x-vault-token").is_none(),
            "not needed, not sent"
        );
        assert!(headers.iter().all(|it| it["x-vault-namespace"] == "team"));
    }
}

#[tokio::test]
async fn it_stands_what_every_check_has_to_stand() {
    let _alone = ALONE.lock().await;
    let server = Server::new(200, true, false).start().await;
    // With settings of its own it has a client of its own, which goes with it.
    let with_token = |address| {
        let own = Tls::new().insecure_accept_any_certificate();
        vault(address).tls(own).token(TOKEN).unwrap()
    };
    Suite::new(server, async |address| Arc::new(with_token(address)) as _)
        .secret(TOKEN)
        .down("wrong token", vault(server).token("s.other").unwrap())
        .run()
        .await;
}
