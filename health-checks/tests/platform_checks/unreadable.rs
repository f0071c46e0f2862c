//! Integrations that are there and cannot be read.

use health_checks::platform::{Kind, PlatformChecks};
use serde_json::json;

use crate::asked::{Application, environment};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_down_and_names_the_variable() {
    let pairs = [
        (
            "POSTGRESQL_DB_CONNECT_STRING",
            "postgresql://u:s3cret@h:99999/x".to_owned(),
        ),
        (
            "REPORTS_MYSQL_DB_CONNECT_STRING",
            "s3cret://u:p@h/x".to_owned(),
        ),
        ("RABBITMQ_CONNECT_STRINGS", "s3cret".to_owned()),
        ("S3_ACCESS_KEY", "s3cret".to_owned()),
        ("SMTP_HOST", "mail".to_owned()),
        ("SMTP_PORT", "s3cret".to_owned()),
        ("SAML_ENTITY_ID", "idp".to_owned()),
        ("SAML_SIGNING_CERTIFICATE", "s3cret".to_owned()),
        ("FGA_HTTP_API_URL", "s3cret://".to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "s3cret".to_owned()),
    ];
    let environment = environment(&pairs);
    let checks = PlatformChecks::new(&environment).readiness(Kind::ALL);
    let cases = [
        (
            "saml",
            "SAML_SIGNING_CERTIFICATE: certificate: it is not base64",
        ),
        ("postgresql", "POSTGRESQL_DB_CONNECT_STRING: "),
        ("mysql_reports", "REPORTS_MYSQL_DB_CONNECT_STRING: "),
        ("rabbitmq", "RABBITMQ_CONNECT_STRINGS: "),
        ("s3", "S3_BUCKET: it is missing"),
        ("smtp", "SMTP_PORT: "),
        ("openfga", "FGA_HTTP_API_URL: "),
        ("tracing", "OTEL_EXPORTER_OTLP_ENDPOINT: "),
    ];
    assert_eq!(checks.names(), cases.map(|(name, _)| name));
    let application = Application::with(checks);
    for (name, reason) in cases {
        let mut health = application.health(name).await;
        for _ in 0..1_000 {
            if health["details"]["error"].is_string() {
                break;
            }
            tokio::task::yield_now().await;
            health = application.health(name).await;
        }
        let error = health["details"]["error"].as_str().unwrap_or_default();
        assert_eq!(health["status"], "DOWN", "{name}: {health}");
        assert!(error.contains(reason), "{name}: {health}");
    }
    for path in ["/z/health", "/z/info", "/z/health/readiness"] {
        let (code, body) = application.get(path).await;
        assert_eq!(code == 503, path != "/z/info", "{path}: {body}");
        assert!(!body.to_string().contains("s3cret"), "{path}: {body}");
    }
}

/// What an integration can do without is told by `/info`, and does not replace its check.
#[tokio::test(flavor = "multi_thread")]
async fn a_problem_beside_an_integration_is_told_by_info() {
    let environment = environment(&[
        ("REDIS_DB_CONNECT_STRING", "redis://127.0.0.1:9".to_owned()),
        ("RABBITMQ_CONNECT_STRING", "amqp://127.0.0.1:9".to_owned()),
        ("RABBITMQ_CONNECT_STRINGS", "s3cret".to_owned()),
        ("REDIS_DB_COLOUR", "s3cret".to_owned()),
        ("APP_MAX_ITEMS", "42".to_owned()),
        ("APP_API_TOKEN", "s3cret".to_owned()),
    ]);
    let checks = PlatformChecks::new(&environment);
    assert_eq!(checks.names(), ["redis", "rabbitmq"]);
    let application = Application::with(checks);
    let (_, info) = application.get("/z/info").await;
    let redis = json!({
        "kind": "redis",
        "variable": "REDIS_DB_CONNECT_STRING",
        "hosts": [{"host": "127.0.0.1", "port": 9}],
        "checks": ["redis"],
    });
    assert_eq!(info["integrations"][0], redis, "{info}");
    let options = json!({"max-items": 42, "api-token": "******"});
    assert_eq!(info["options"], options, "{info}");
    assert_eq!(info["problems"][0]["variable"], "RABBITMQ_CONNECT_STRINGS");
    assert_eq!(info["ignored"][0]["variable"], "REDIS_DB_COLOUR", "{info}");
    assert!(info["ignored"][0]["reason"].is_string(), "{info}");
    assert!(!info.to_string().contains("s3cret"), "{info}");
}
