//! No secret of the environment is ever shown.

use health_checks::platform::{Kind, PlatformChecks};

use crate::asked::{Application, ENCODED_PASSWORD, PASSWORD, environment};

/// What is given to everything that takes a secret. Nothing listens where it is given.
const SECRETS: [&str; 4] = [
    PASSWORD,
    ENCODED_PASSWORD,
    "AKIA-access-key",
    "t0ken-s3cret",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_shows_a_secret() {
    let at = "127.0.0.1:9";
    let pairs = [
        (
            "POSTGRESQL_DB_CONNECT_STRING",
            format!("postgresql://u:{PASSWORD}@{at}/x?sslpassword={ENCODED_PASSWORD}"),
        ),
        (
            "MYSQL_DB_CONNECT_STRING",
            format!("mysql://u:{ENCODED_PASSWORD}@{at},127.0.0.1:7/x"),
        ),
        (
            "MONGODB_DB_CONNECT_STRING",
            format!("mongodb://u:{PASSWORD}@{at}/x"),
        ),
        (
            "ODD_MONGODB_DB_CONNECT_STRING",
            format!("mongodb://u:{PASSWORD}@{at}/x?w={ENCODED_PASSWORD}"),
        ),
        (
            "REDIS_DB_CONNECT_STRING",
            format!("redis://:{PASSWORD}@{at}/0"),
        ),
        (
            "ODD_REDIS_DB_CONNECT_STRING",
            format!("redis://:{PASSWORD}@{at}/not-a-number"),
        ),
        (
            "VALKEY_DB_CONNECT_STRING",
            format!("valkeys://u:{PASSWORD}@{at}"),
        ),
        (
            "RABBITMQ_CONNECT_STRING",
            format!("amqp://u:{PASSWORD}@{at}/%2F?heartbeat=t0ken-s3cret"),
        ),
        (
            "HA_RABBITMQ_CONNECT_STRING",
            format!("amqp://u:{PASSWORD}@{at},127.0.0.1:7/%2F"),
        ),
        ("S3_BUCKET", "invoices".to_owned()),
        ("S3_ACCESS_KEY", "AKIA-access-key".to_owned()),
        ("S3_SECRET_KEY", PASSWORD.to_owned()),
        ("S3_ENDPOINT", format!("http://{at}")),
        ("S3_TLS_CA_CHAIN", "[\"no PEM\"]".to_owned()),
        ("SMTP_HOST", "127.0.0.1".to_owned()),
        ("SMTP_PORT", "9".to_owned()),
        ("SMTP_USER", "u".to_owned()),
        ("SMTP_PASSWORD", PASSWORD.to_owned()),
        ("SMTP_AUTH_TYPE", "plain".to_owned()),
        ("SAML_ENTITY_ID", "idp".to_owned()),
        (
            "SAML_METADATA_URL",
            format!("http://u:t0ken-s3cret@{at}/metadata?token=t0ken-s3cret"),
        ),
        ("FGA_HTTP_API_URL", format!("http://u:t0ken-s3cret@{at}")),
        ("FGA_STORE_ID", "01GK".to_owned()),
        ("FGA_TOKEN", "t0ken-s3cret".to_owned()),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://u:t0ken-s3cret@{at}"),
        ),
        ("APP_SECRET_KEY", PASSWORD.to_owned()),
        ("APP_STRIPE_KEY", "t0ken-s3cret".to_owned()),
        ("APP_OIDC_CLIENT_ID", "cid".to_owned()),
        ("APP_OIDC_API_BASE_URL", format!("http://{at}")),
        ("APP_OIDC_CLIENT_SECRET", "t0ken-s3cret".to_owned()),
        ("HTTPS_PROXY", format!("http://u:{PASSWORD}@{at}")),
    ];
    let environment = environment(&pairs);
    let checks = PlatformChecks::new(&environment);
    let checks = checks.readiness(Kind::ALL);
    assert_eq!(checks.names().len(), 14, "{checks:?}");
    let mut shown = vec![format!("{checks:?}"), format!("{environment:?}")];
    let application = Application::with(checks);
    let names = PlatformChecks::new(&environment).names();
    for name in &names {
        application.assert_down_soon(name).await;
        shown.push(application.health(name).await.to_string());
    }
    for path in ["/z/health", "/z/info", "/z/health/readiness"] {
        shown.push(application.get(path).await.1.to_string());
    }
    for text in &shown {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
