//! The sub-command `integrations` says what was recognized, whatever the environment holds.

use std::{ffi::OsString, os::unix::ffi::OsStringExt};

use serde_json::{Value, json};

use crate::program::{errors, run};

fn integrations(environment: &[(&str, OsString)]) -> (Value, String) {
    let output = run(&["integrations"], environment);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    (serde_json::from_str(&text).unwrap(), text)
}

#[test]
fn an_empty_environment_has_none() {
    let (said, _) = integrations(&[]);
    assert_eq!(
        said,
        json!({"integrations": [], "options": {}, "problems": []})
    );
}

#[test]
fn each_has_its_hosts_and_its_check_and_no_secret() {
    let (said, text) = integrations(&[
        (
            "POSTGRESQL_DB_CONNECT_STRING",
            "postgresql://u:s3cret@db/orders".into(),
        ),
        ("APP_PORT", "8080".into()),
        ("APP_GREETING", "good morning".into()),
        ("APP_SECRET_KEY", "s3cret-key".into()),
    ]);
    assert_eq!(
        said["integrations"],
        json!([{
            "kind": "postgresql",
            "variable": "POSTGRESQL_DB_CONNECT_STRING",
            "hosts": [{"host": "db", "port": 5432}],
            "user": "u",
            "database": "orders",
            "checks": ["postgresql"],
        }])
    );
    assert_eq!(said["options"]["greeting"], "good morning");
    assert_eq!(said["problems"], json!([]));
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn what_cannot_be_read_is_a_problem_and_no_failure() {
    let not_text = |start: &str| OsString::from_vec([start.as_bytes(), b"\xff\xfe"].concat());
    let cases = [
        (
            "not UTF-8",
            "POSTGRESQL_DB_CONNECT_STRING",
            not_text("postgresql://u:s3cret@db/"),
        ),
        ("no URL", "POSTGRESQL_DB_CONNECT_STRING", "s3cret".into()),
        ("no number", "APP_PORT", "s3cret".into()),
        ("too large a number", "APP_PORT", "65536".into()),
        (
            "too long",
            "REDIS_DB_CONNECT_STRING",
            "s3cret".repeat(20_000).into(),
        ),
        (
            "a bracket",
            "MONGODB_DB_CONNECT_STRING",
            "mongodb://u:s3cret@[::1/".into(),
        ),
    ];
    for (case, variable, value) in cases {
        let (said, text) = integrations(&[(variable, value)]);
        let problem = &said["problems"][0];
        assert_eq!(problem["variable"], variable, "{case}: {text}");
        assert!(!problem["reason"].as_str().unwrap().is_empty(), "{case}");
        assert!(!text.contains("s3cret"), "{case}: {text}");
    }
    for name in [
        "HTTP_PROXY",
        "S3_BUCKET",
        "HOSTNAME",
        "APP_BASE_URL",
        "RUST_LOG",
        "OTHER",
    ] {
        integrations(&[(name, not_text("s3cret"))]);
    }
}
