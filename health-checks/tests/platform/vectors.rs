//! Environments that the platform's library made from genuine relation data. What they should be
//! read as was taken from the relation data, and not from the variables.

use health_checks::platform::{Environment, PlatformChecks};
use serde_json::{Value, json};

const VECTORS: &str = include_str!("vectors.json");

/// The number of environments in the file: one that gets lost should be noticed.
const COUNT: usize = 101;

fn environment(vector: &Value) -> Environment {
    let pairs = vector["environment"].as_object().unwrap().iter();
    Environment::from_pairs(pairs.map(|(name, value)| (name, value.as_str().unwrap())))
}

#[test]
fn each_vector_is_read_as_its_relation_data_say() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), COUNT);
    let mut differences = Vec::new();
    for vector in &vectors {
        let (name, expected) = (&vector["name"], &vector["expected"]);
        let environment = environment(vector);
        let mut found = environment.to_json();
        assert_eq!(found["problems"], json!([]), "{name}");
        let integrations = expected["integrations"].as_array().unwrap();
        let checks = integrations
            .iter()
            .flat_map(|it| it["checks"].as_array().unwrap());
        let registered = PlatformChecks::new(&environment).names();
        assert_eq!(registered, checks.cloned().collect::<Vec<_>>(), "{name}");
        found["port"] = json!(environment.port());
        found["metricsPort"] = json!(environment.metrics_port());
        found["metricsPath"] = json!(environment.metrics_path());
        found["prefix"] = json!(environment.app_prefix());
        for (key, expected) in expected.as_object().unwrap() {
            let found = &found[key];
            if found != expected {
                differences.push(format!("{name}: {key}: {found}, expected {expected}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Passwords and keys of all vectors.
const SECRETS: [&str; 16] = [
    "s3cr3t",
    "rmqpw",
    "AKIA",
    "sk/+=",
    "p@ss",
    "vk-pass",
    "fga-token",
    "client-secret-value",
    "from-secret",
    "secret-pass",
    "p@w",
    "a@b:c",
    "p%40ss",
    "p@ss/",
    "operator-key",
    "peer-generated-key",
];

#[test]
fn no_vector_shows_its_secrets() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    for vector in &vectors {
        let environment = environment(vector);
        let shown = format!("{environment:?}{}", environment.to_json());
        for secret in SECRETS {
            let name = &vector["name"];
            assert!(!shown.contains(secret), "{name}: {secret}: {shown}");
        }
    }
}
