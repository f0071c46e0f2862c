//! What is declared in code: required, optional, held, and checks of the application's own.

use std::collections::BTreeSet;

use health_checks::platform::{Environment, Kind, MISSING_INTEGRATIONS_NAME, PlatformChecks};
use health_core::{Check, Health};
use serde_json::{Value, json};

use crate::asked::{Application, builder, environment};

const VECTORS: &str = include_str!("../platform/vectors.json");

#[tokio::test(flavor = "multi_thread")]
async fn each_vector_registers_its_checks() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert!(!vectors.is_empty());
    for vector in &vectors {
        let pairs = vector["environment"].as_object().unwrap().iter();
        let environment =
            Environment::from_pairs(pairs.map(|(name, value)| (name, value.as_str().unwrap())));
        let integrations = vector["expected"]["integrations"].as_array().unwrap();
        let checks = integrations
            .iter()
            .flat_map(|i| i["checks"].as_array().unwrap());
        let expected: Vec<&str> = checks.map(|name| name.as_str().unwrap()).collect();
        let checks = PlatformChecks::new(&environment);
        assert_eq!(checks.names(), expected, "{}", vector["name"]);
        let management = checks.add_to(builder()).unwrap().build();
        assert!(management.is_ok(), "{}: {management:?}", vector["name"]);
    }
}

fn redis_alone() -> Environment {
    // Nothing listens at the port of discard.
    environment(&[("REDIS_DB_CONNECT_STRING", "redis://127.0.0.1:9".to_owned())])
}

fn up() -> impl Check {
    || async { Health::up().detail("mine", true) }
}

#[test]
fn what_is_required_and_missing_refuses_the_start() {
    let checks = PlatformChecks::new(&redis_alone());
    let checks = checks.required([Kind::Redis, Kind::Smtp, Kind::PostgreSql]);
    let Err(missing) = checks.add_to(builder()) else {
        panic!("it starts");
    };
    assert_eq!(
        missing.to_string(),
        "missing integrations: postgresql, smtp"
    );
    assert_eq!(missing.missing(), [Kind::PostgreSql, Kind::Smtp]);
    let checks = PlatformChecks::new(&redis_alone()).required([Kind::Redis]);
    assert!(checks.add_to(builder()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_can_hold_readiness_instead() {
    let checks = PlatformChecks::new(&redis_alone())
        .check("redis", up())
        .required([Kind::Redis, Kind::PostgreSql])
        .hold_readiness();
    assert_eq!(checks.names(), ["redis", MISSING_INTEGRATIONS_NAME]);
    let application = Application::with(checks);
    let (code, readiness) = application.get("/z/health/readiness").await;
    assert_eq!(code, 503, "{readiness}");
    assert_eq!(readiness["status"], "OUT_OF_SERVICE", "{readiness}");
    let held = &readiness["components"][MISSING_INTEGRATIONS_NAME];
    assert_eq!(
        held["description"], "missing integrations: postgresql",
        "{readiness}"
    );
    assert_eq!(application.get("/z/health/liveness").await.0, 200);

    let checks = PlatformChecks::new(&redis_alone())
        .check("redis", up())
        .required([Kind::Redis])
        .hold_readiness();
    assert_eq!(checks.names(), ["redis"]);
    let application = Application::with(checks);
    let (code, readiness) = application.get("/z/health/readiness").await;
    assert_eq!(code, 200, "{readiness}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_declared_counts_on_readiness() {
    let pairs = [
        ("REDIS_DB_CONNECT_STRING", "redis://127.0.0.1:9".to_owned()),
        (
            "VALKEY_DB_CONNECT_STRING",
            "valkey://127.0.0.1:9".to_owned(),
        ),
        ("SAML_ENTITY_ID", "without anything to check".to_owned()),
        ("APP_OIDC_CLIENT_ID", "cid".to_owned()),
        ("APP_OIDC_API_BASE_URL", "https://127.0.0.1:9".to_owned()),
    ];
    let cases = [
        ("none", vec![], vec![], vec![]),
        (
            "optional",
            vec![],
            vec![Kind::Redis, Kind::Smtp],
            vec!["redis"],
        ),
        ("required", vec![Kind::Valkey], vec![], vec!["valkey"]),
        (
            "without a check",
            vec![Kind::OAuth, Kind::Saml],
            vec![Kind::Redis, Kind::Valkey],
            vec!["redis", "valkey"],
        ),
    ];
    for (name, required, readiness, expected) in cases {
        let checks = PlatformChecks::new(&environment(&pairs));
        let checks = checks.required(required).readiness(readiness);
        let application = Application::with(checks);
        let keys = async |path: &str| {
            let (_, body) = application.get(path).await;
            let components = body["components"].as_object().cloned().unwrap_or_default();
            components.keys().cloned().collect::<BTreeSet<_>>()
        };
        let own = ["livenessState", "readinessState"];
        let plain = |mut keys: BTreeSet<String>| {
            keys.retain(|key| !own.contains(&key.as_str()));
            Vec::from_iter(keys)
        };
        assert_eq!(plain(keys("/z/health/readiness").await), expected, "{name}");
        assert!(plain(keys("/z/health/liveness").await).is_empty(), "{name}");
        let health = keys("/z/health").await;
        assert!(
            health.contains("redis") && health.contains("valkey"),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_the_applications_own_takes_the_place() {
    let checks = PlatformChecks::new(&redis_alone()).check("redis", up());
    let checks = checks.check("postgresql", up());
    assert_eq!(checks.names(), ["redis"]);
    let application = Application::with(checks);
    let health = application.health("redis").await;
    assert_eq!(health, json!({"status": "UP", "details": {"mine": true}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_integrated_is_nothing_checked() {
    let application = Application::of(&[("APP_PORT", "8080".to_owned())]);
    let (code, health) = application.get("/z/health").await;
    assert_eq!((code, &health["status"]), (200, &json!("UP")), "{health}");
    let (_, info) = application.get("/z/info").await;
    assert_eq!(info["integrations"], json!([]), "{info}");
}
