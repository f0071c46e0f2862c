//! Storage, mail, authorization and traces.

use std::net::{SocketAddr, TcpListener};

use axum::{
    Router,
    http::{HeaderMap, StatusCode},
    routing::get,
};
use check_testing::{
    Authority, Mode, Relay, Restart,
    servers::{
        moto::Moto,
        smtp::{PASSWORD, Smtp, USER},
    },
};
use serde_json::json;

use crate::asked::Application;

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_followed() {
    let moto = Moto::start();
    let relay = Relay::to(moto.address());
    let application = Application::of(&[
        ("S3_BUCKET", "invoices".to_owned()),
        ("S3_ACCESS_KEY", moto.made("id").to_owned()),
        ("S3_SECRET_KEY", moto.made("secret").to_owned()),
        ("S3_ENDPOINT", format!("http://{}/", relay.address())),
        ("S3_REGION", "eu-west-1".to_owned()),
        ("S3_URI_STYLE", "path".to_owned()),
        ("S3_ADDRESSING_STYLE", "path".to_owned()),
        ("S3_API_VERSION", "s3v4".to_owned()),
        ("S3_TLS_CA_CHAIN", "null".to_owned()),
    ]);
    application.assert_up(&["s3"]).await;
    relay.set(Mode::Refuse);
    application.assert_down_now(&["s3"]).await;
    relay.set(Mode::BlackHole);
    application.assert_down_now(&["s3"]).await;
    relay.set(Mode::Pass);
    application.assert_up(&["s3"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_an_address_is_a_path() {
    let moto = Moto::start();
    let application = Application::of(&[
        ("S3_BUCKET", "invoices".to_owned()),
        ("S3_ACCESS_KEY", moto.made("id").to_owned()),
        ("S3_SECRET_KEY", moto.made("secret").to_owned()),
        ("S3_ENDPOINT", format!("http://{}", moto.address())),
    ]);
    let health = application.health("s3").await;
    assert_eq!(health["details"]["region"], "us-east-1", "{health}");
    assert_eq!(health["status"], "UP", "{health}");
}

fn mail(address: SocketAddr, password: &str, skip_verify: &str) -> Application {
    Application::of(&[
        ("SMTP_HOST", address.ip().to_string()),
        ("SMTP_PORT", address.port().to_string()),
        ("SMTP_USER", USER.to_owned()),
        ("SMTP_PASSWORD", password.to_owned()),
        ("SMTP_AUTH_TYPE", "plain".to_owned()),
        ("SMTP_TRANSPORT_SECURITY", "starttls".to_owned()),
        ("SMTP_DOMAIN", "example.com".to_owned()),
        ("SMTP_SKIP_SSL_VERIFY", skip_verify.to_owned()),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_is_followed() {
    let identity = Authority::new("mail").sign(&["127.0.0.1"]);
    let mut server = Smtp::starttls(&identity, "PLAIN,LOGIN");
    let address = server.address();
    let application = mail(address, PASSWORD, "True");
    application.assert_up(&["smtp"]).await;
    let health = application.health("smtp").await;
    assert_eq!(health["details"]["authenticated"], true, "{health}");
    assert!(health["details"]["tls"].is_string(), "{health}");

    for (name, other, reason) in [
        (
            "certificate",
            mail(address, PASSWORD, "False"),
            "certificate",
        ),
        (
            "password",
            mail(address, "wr0ng", "True"),
            "authentication failed",
        ),
    ] {
        let health = other.assert_down_because("smtp", reason).await;
        assert!(!health.to_string().contains("wr0ng"), "{name}: {health}");
    }

    server.kill();
    application.assert_down_soon("smtp").await;
    server.start();
    application.assert_up(&["smtp"]).await;
}

/// Starts a server that answers as OpenFGA does to those who have its token.
pub(crate) async fn openfga() -> SocketAddr {
    let store = |headers: HeaderMap| async move {
        let is_known = headers
            .get("authorization")
            .is_some_and(|value| value == "Bearer fga-token");
        match is_known {
            true => Ok(r#"{"id": "01GK", "name": "orders"}"#),
            false => Err(StatusCode::UNAUTHORIZED),
        }
    };
    let app = Router::new()
        .route("/healthz", get(|| async { r#"{"status": "SERVING"}"# }))
        .route("/stores/01GK", get(store));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn openfga_is_followed() {
    let relay = Relay::to(openfga().await);
    let with = |store: &str, token: &str| {
        Application::of(&[
            ("FGA_HTTP_API_URL", format!("http://{}", relay.address())),
            ("FGA_GRPC_API_URL", "127.0.0.1:8081".to_owned()),
            ("FGA_STORE_ID", store.to_owned()),
            ("FGA_TOKEN", token.to_owned()),
        ])
    };
    let application = with("01GK", "fga-token");
    application.assert_up(&["openfga"]).await;
    with("", "").assert_up(&["openfga"]).await;
    for (store, token, reason) in [
        ("01GK", "s3cret", "the store: answered 401"),
        ("other/../..", "fga-token", "the store: answered 404"),
    ] {
        let health = with(store, token).health("openfga").await;
        let error = health["details"]["error"].as_str().unwrap_or_default();
        assert!(error.starts_with(reason), "{store}: {health}");
        assert_eq!(health["status"], "DOWN", "{store}: {health}");
        assert!(!health.to_string().contains("s3cret"), "{health}");
    }
    relay.set(Mode::Refuse);
    application.assert_down_now(&["openfga"]).await;
    relay.set(Mode::Pass);
    application.assert_up(&["openfga"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn openfga_by_grpc_alone_is_its_port() {
    let relay = Relay::to(openfga().await);
    let application = Application::of(&[("FGA_GRPC_API_URL", relay.address().to_string())]);
    application.assert_up(&["openfga"]).await;
    relay.set(Mode::Refuse);
    application.assert_down_now(&["openfga"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_of_traces_never_fails_the_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = Relay::to(listener.local_addr().unwrap());
    let application = Application::of(&[
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://{}/", relay.address()),
        ),
        ("OTEL_SERVICE_NAME", "orders".to_owned()),
    ]);
    application.assert_up(&["tracing"]).await;
    relay.set(Mode::Refuse);
    application.assert_down_soon("tracing").await;
    let (code, health) = application.get("/z/health").await;
    assert_eq!((code, &health["status"]), (200, &json!("UP")), "{health}");
    relay.set(Mode::Pass);
    application.assert_up(&["tracing"]).await;
}
