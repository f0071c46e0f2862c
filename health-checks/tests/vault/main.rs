//! Vault by the answers that its documentation shows; no server of it is to be had for the tests.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../shared/mod.rs"]
mod shared;

use std::{
    net::SocketAddr,
    process::Command,
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
use check_testing::{Authority, Suite, servers};
use health_checks::{Tls, Vault};
use health_core::{Health, Status};
use serde_json::{Value, json};

use self::shared::{alone, ask, assert_down, assert_up, text};

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
    let health = ask(check).await;
    (health.status().clone(), text(&health, "error"), health)
}

#[test]
fn each_code_of_the_health_endpoint_has_its_meaning() {
    alone(async {
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
    });
}

#[test]
fn a_token_has_to_be_known_and_to_hold_long_enough() {
    alone(async {
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
    });
}

#[test]
fn it_stands_what_every_check_has_to_stand() {
    alone(async {
        let authority = Authority::new("private");
        let mut server = servers::vault::Vault::start(&authority.sign(&["127.0.0.1"]), TOKEN);
        let address = server.address();
        let check = |url: &str, authority: &Authority, token: &str| {
            let tls = Tls::new().ca(authority.pem()).unwrap();
            Vault::new(url).unwrap().tls(tls).token(token).unwrap()
        };
        let url = format!("https://{address}");
        let other = Authority::new("other");
        let plain = check(&format!("http://{address}"), &authority, TOKEN);
        let system = Vault::new(&url).unwrap().token(TOKEN).unwrap();
        Suite::new(address, async |address| {
            Arc::new(check(&format!("https://{address}"), &authority, TOKEN)) as _
        })
        .secret(TOKEN)
        .down("wrong token", check(&url, &authority, "s.other"))
        .down("other authority", check(&url, &other, TOKEN))
        .down("authorities of the system", system)
        .down("without TLS", plain)
        .restart(&mut server)
        .spare_connections(3)
        .run()
        .await;
    });
}

/// Asks a name that nobody resolves but the proxy.
#[tokio::test]
#[ignore = "run by the test below"]
async fn asks_through_a_proxy() {
    let check = Vault::new("http://vault.invalid:8200").unwrap();
    assert_down("directly", &ask(&check).await, "was not resolved");
    let check = check.proxy_from_environment().unwrap();
    assert_up("through the proxy", &ask(&check).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_used_when_asked_for() {
    let proxy = Server::new(200, true, false).start().await;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "asks_through_a_proxy"])
        .env("http_proxy", format!("http://{proxy}"))
        .env_remove("no_proxy");
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = run.await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("1 passed"), "{printed}{errors}");
}
