//! `application/health+json`. Source: draft-inadarei-api-health-check-06.

use std::time::Duration;

use health_core::{Builder, Component, Health, Management, Show};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, HEALTH_JSON, accept, after, get, holds, management, shop};

async fn health_json(management: &Management, path: &str) -> Answer {
    let answer = accept(management, path, HEALTH_JSON).await;
    if !answer.body.is_empty() {
        assert_eq!(answer.header("content-type"), Some(HEALTH_JSON));
        assert_draft(&answer);
    }
    answer
}

/// What the draft demands of every body.
fn assert_draft(answer: &Answer) {
    let body = answer.json();
    let is_failure = body["status"] == "fail";
    assert_eq!(
        is_failure,
        answer.status >= 400,
        "the word and the code agree: {answer:?}"
    );
    assert_no_output_of_pass(&body);
    for (key, readings) in body["checks"].as_object().into_iter().flatten() {
        assert_eq!(key.matches(':').count(), 1, "{key}");
        let readings = readings.as_array().expect("an array");
        assert_eq!(readings.len(), 1, "{key}");
        assert_no_output_of_pass(&readings[0]);
        assert!(
            ["pass", "warn", "fail"]
                .map(Value::from)
                .contains(&readings[0]["status"]),
            "{key}"
        );
    }
}

fn assert_no_output_of_pass(object: &Value) {
    assert!(
        object["status"] != "pass" || object.get("output").is_none(),
        "{object}"
    );
}

#[tokio::test]
async fn every_status_has_the_word_that_fits_its_code() {
    let cases = [
        ("UP", 200, "pass"),
        ("DOWN", 503, "fail"),
        ("OUT_OF_SERVICE", 503, "fail"),
        ("UNKNOWN", 200, "warn"),
        ("SLOW", 200, "warn"),
        ("BROKEN", 500, "fail"),
        ("UNDECLARED", 503, "fail"),
    ];
    for (status, code, word) in cases {
        let management = management(|builder| {
            builder
                .check("x", holds(Health::new(status)))
                .custom_status(
                    "SLOW",
                    health_core::Severity::Above("UP".into()),
                    StatusCode::OK,
                )
                .custom_status(
                    "BROKEN",
                    health_core::Severity::Above("UP".into()),
                    StatusCode::INTERNAL_SERVER_ERROR,
                )
        });
        let answer = health_json(&management, "/z/health/x").await;
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (code, &json!(word)),
            "{status}"
        );
        assert_eq!(
            answer.status,
            get(&management, "/z/health/x").await.status,
            "{status}"
        );
    }
}

#[tokio::test]
async fn what_is_hidden_in_spring_s_body_is_hidden_here() {
    let shop = |components, details| {
        management(|builder| {
            shop(builder)
                .show_components(components)
                .show_details(details)
        })
    };
    let hidden = health_json(&shop(Show::Never, Show::Always), "/z/health").await;
    assert_eq!(
        hidden.json(),
        json!({"status": "fail", "version": "1.2.3", "serviceId": "orders"})
    );
    let no_details = shop(Show::Always, Show::Never);
    let answer = health_json(&no_details, "/z/health").await;
    assert!(
        !answer.body.contains("output") && !answer.body.contains("refused"),
        "{answer:?}"
    );
    assert!(
        answer.body.contains("one drive left"),
        "a description belongs to the status: {answer:?}"
    );
    let details = health_json(&shop(Show::Always, Show::Always), "/z/health")
        .await
        .json();
    assert_eq!(
        details["checks"]["old db:status"][0]["output"],
        "refused \"x\" \\"
    );
    assert_eq!(
        details["checks"]["cluster/a%3A1:status"][0]["componentId"],
        "cluster/a%3A1"
    );
    assert_eq!(
        health_json(&shop(Show::Never, Show::Never), "/z/health/cluster")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn a_leaf_says_its_own_output_and_the_components_it_reports() {
    let shop = management(|builder| shop(builder).show_details(Show::Always));
    let db = health_json(&shop, "/z/health/old%20db").await.json();
    assert_eq!(db["output"], "refused \"x\" \\");
    assert_eq!(db.get("checks"), None);
    let cluster = health_json(&shop, "/z/health/cluster").await.json();
    let names: Vec<&String> = cluster["checks"]
        .as_object()
        .expect("checks")
        .keys()
        .collect();
    assert_eq!(names, ["a%3A1:status", "b:status"]);
    let part = health_json(&shop, "/z/health/cluster/a:1").await.json();
    assert_eq!(
        (&part["status"], &part["output"]),
        (&json!("fail"), &json!("no route\nto host"))
    );
}

#[tokio::test]
async fn no_two_components_share_a_key() {
    let names = ["a/b:c", "a%2Fb%3Ac", "a"].into_iter();
    let health = names.fold(Health::up(), |health, name| {
        health.component(name, Health::up().component("b:c", Health::up()))
    });
    let management = management(|builder| builder.check("x", holds(health)));
    let answer = health_json(&management, "/z/health").await;
    let keys: Vec<&str> = answer
        .body
        .split('"')
        .filter(|text| text.ends_with(":status"))
        .collect();
    let distinct: std::collections::BTreeSet<&&str> = keys.iter().collect();
    assert_eq!(keys.len(), distinct.len(), "{keys:?}");
    assert_eq!(
        keys.iter().filter(|key| key.starts_with("x/")).count(),
        6,
        "{keys:?}"
    );
}

/// Reads the time of a check on `/health`.
async fn time_of(management: &Management, key: &str) -> String {
    let body = health_json(management, "/z/health").await.json();
    body["checks"][key][0]["time"]
        .as_str()
        .expect("a time")
        .to_owned()
}

#[tokio::test]
async fn the_time_is_that_of_the_last_run_also_for_what_a_check_reports() {
    let cluster = Health::up().component("node", Health::up());
    let kept = |builder: Builder| {
        builder.component(Component::new("cluster", holds(cluster)).ttl(Duration::from_secs(60)))
    };
    let management = management(kept);
    let first = time_of(&management, "cluster:status").await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(time_of(&management, "cluster:status").await, first);
    assert_eq!(time_of(&management, "cluster/node:status").await, first);
    assert_ne!(
        time_of(&management, "ping:status").await,
        first,
        "a state is asked each time"
    );
}

#[tokio::test(start_paused = true)]
async fn timings_are_readings_of_their_own() {
    let timed = |show| {
        let slow = Component::new("slow", after(Duration::from_millis(20)));
        management(|builder| builder.component(slow).show_details(show).show_timings())
    };
    let answer = health_json(&timed(Show::Always), "/z/health").await.json();
    let reading = &answer["checks"]["slow:responseTime"][0];
    assert_eq!(
        (&reading["observedValue"], &reading["observedUnit"]),
        (&json!(20.0), &json!("ms")),
        "{answer}"
    );
    let hidden = health_json(&timed(Show::Never), "/z/health").await;
    assert!(!hidden.body.contains("responseTime"), "{hidden:?}");
}

#[tokio::test]
async fn nobody_gets_it_who_did_not_name_it() {
    let management = management(|builder| builder);
    for asked in [
        "*/*",
        "application/*",
        "application/*+json",
        "application/json",
        "",
    ] {
        let answer = accept(&management, "/z/health", asked).await;
        assert_ne!(answer.header("content-type"), Some(HEALTH_JSON), "{asked}");
        assert_eq!(answer.json()["status"], "UP", "{asked}");
    }
    for path in ["/z", "/z/info"] {
        assert_eq!(
            accept(&management, path, HEALTH_JSON).await.status,
            406,
            "{path}"
        );
    }
}
