//! `durationMs` and `ageMs` among the details, where they are switched on.

use std::time::Duration;

use health_core::{Component, Health, Management, Show};
use serde_json::{Value, json};

use crate::support::{V2, accept, after, get, holds, management};

fn timed(show: Show) -> Management {
    management(|builder| {
        let slow =
            Component::new("slow", after(Duration::from_millis(20))).ttl(Duration::from_secs(60));
        let storage = [Component::new(
            "files",
            holds(Health::up().detail("free", 3)),
        )];
        builder
            .component(slow)
            .component(Component::composite("storage", storage))
            .check("own", holds(Health::up().detail("durationMs", "mine")))
            .show_details(show)
            .show_timings()
    })
}

#[tokio::test(start_paused = true)]
async fn each_leaf_has_both_behind_its_own_details() {
    let management = timed(Show::Always);
    get(&management, "/z/health").await;
    tokio::time::advance(Duration::from_millis(1500)).await;
    let answer = get(&management, "/z/health").await;
    assert!(
        answer
            .body
            .contains(r#""slow":{"status":"UP","details":{"durationMs":20.0,"ageMs":15"#),
        "{answer:?}"
    );
    assert!(
        answer
            .body
            .contains(r#""files":{"status":"UP","details":{"free":3,"durationMs":0.0,"ageMs":0}}"#),
        "{answer:?}"
    );
    assert!(
        answer
            .body
            .contains(r#""own":{"status":"UP","details":{"durationMs":"mine","ageMs":0}}"#),
        "{answer:?}"
    );
    let leaf = get(&management, "/z/health/slow").await.json();
    assert_eq!(leaf["details"]["durationMs"], json!(20.0));
    let version_2 = accept(&management, "/z/health/storage", V2).await.json();
    assert_eq!(version_2["details"]["files"]["details"]["free"], json!(3));
    assert_eq!(version_2["details"]["files"]["details"]["ageMs"], json!(0));
}

#[tokio::test(start_paused = true)]
async fn they_are_hidden_with_the_details_and_off_by_default() {
    let hidden = get(&timed(Show::Never), "/z/health").await;
    let off = management(|builder| builder.check("db", async || ()).show_details(Show::Always));
    for answer in [hidden, get(&off, "/z/health").await] {
        assert!(
            !answer.body.contains("ageMs") && !answer.body.contains("durationMs"),
            "{answer:?}"
        );
        assert_eq!(answer.json()["status"], Value::from("UP"));
    }
}
