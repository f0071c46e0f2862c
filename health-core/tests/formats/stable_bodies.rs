//! Entity tags. Source: RFC 9110 13.1.2 and 15.4.5.

use std::time::Duration;

use health_core::{Builder, Health, Management, Refresh, Show};

use crate::support::{Answer, Asker, HEALTH_JSON, V2, V3, ask, get, holds, management, shop};

fn stable(builder: Builder) -> Builder {
    shop(builder)
        .plain_text()
        .show_details(Show::Always)
        .stable_bodies()
}

fn healthy() -> Management {
    management(|builder| {
        builder
            .check("db", holds(Health::up().detail("pool", 3)))
            .stable_bodies()
            .plain_text()
    })
}

async fn ask_again(management: &Management, path: &str, accept: &str, tag: &str) -> Answer {
    ask(
        management,
        "GET",
        path,
        &[("accept", accept), ("if-none-match", tag)],
        Asker::Anonymous,
    )
    .await
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").expect("a tag").to_owned()
}

const TYPES: [&str; 5] = [V3, V2, "application/json", HEALTH_JSON, "text/plain"];

#[tokio::test]
async fn a_poller_that_has_the_answer_is_told_so() {
    let management = healthy();
    for path in ["/z/health", "/z/health/db", "/z/health/readiness"] {
        for accept in TYPES {
            let first = ask_again(&management, path, accept, "").await;
            assert_eq!(first.status, 200, "{path} {accept}");
            assert_eq!(
                first.header("cache-control"),
                Some("no-cache"),
                "{path} {accept}"
            );
            assert_eq!(first.header("vary"), Some("accept"), "{path} {accept}");
            for known in [
                tag(&first),
                format!("W/{}", tag(&first)),
                format!("\"x\", {}", tag(&first)),
                "*".to_owned(),
            ] {
                let again = ask_again(&management, path, accept, &known).await;
                assert_eq!(
                    (again.status, again.body.as_str()),
                    (304, ""),
                    "{path} {accept} {known}"
                );
                for name in ["etag", "cache-control", "vary"] {
                    assert_eq!(
                        again.header(name),
                        first.header(name),
                        "{path} {accept} {name}"
                    );
                }
                assert_eq!(
                    again.header("content-type"),
                    None,
                    "a 304 describes no body"
                );
            }
            let other = ask_again(&management, path, accept, "\"0\"").await;
            assert_eq!(other, first, "{path} {accept}");
        }
    }
}

#[tokio::test]
async fn head_is_answered_like_get() {
    let management = healthy();
    let first = ask(&management, "HEAD", "/z/health", &[], Asker::Anonymous).await;
    assert_eq!(first, get(&management, "/z/health").await);
    let known = tag(&first);
    let again = ask(
        &management,
        "HEAD",
        "/z/health",
        &[("if-none-match", &known)],
        Asker::Anonymous,
    )
    .await;
    assert_eq!(again.status, 304);
}

#[tokio::test]
async fn tags_differ_where_the_answers_do() {
    let management = healthy();
    let mut tags = Vec::new();
    for path in ["/z/health", "/z/health/readiness"] {
        for accept in TYPES {
            tags.push(tag(&ask_again(&management, path, accept, "").await));
        }
    }
    let count = tags.len();
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), count, "{tags:?}");
    let remapped = |code: u16| {
        let code = http::StatusCode::from_u16(code).expect("a code");
        let table = health_core::HttpMapping::new().with(&health_core::Status::UNKNOWN, code);
        self::management(|builder| {
            builder
                .check("x", holds(Health::unknown()))
                .http_mapping(table)
                .stable_bodies()
        })
    };
    let [plain, accepted] = [
        get(&remapped(200), "/z/health/x").await,
        get(&remapped(202), "/z/health/x").await,
    ];
    assert_eq!(plain.body, accepted.body);
    assert_ne!(
        tag(&plain),
        tag(&accepted),
        "the code is part of the answer"
    );
}

#[tokio::test]
async fn a_tag_is_the_same_in_every_process() {
    assert_eq!(
        tag(&get(&healthy(), "/z/health/db").await),
        "\"d789cdeef06502b8\""
    );
}

#[tokio::test]
async fn a_failure_is_told_each_time() {
    let management = management(stable);
    let first = get(&management, "/z/health").await;
    assert_eq!(first.status, 503);
    for known in [tag(&first), "*".to_owned()] {
        assert_eq!(
            ask_again(&management, "/z/health", V3, &known).await,
            first,
            "{known}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_in_a_body_changes_while_nothing_happens() {
    let background = management(|builder| {
        builder
            .check("db", holds(Health::up().detail("pool", 3)))
            .background(Refresh::every(Duration::from_secs(1)))
            .show_details(Show::Always)
            .plain_text()
            .stable_bodies()
    });
    tokio::time::sleep(Duration::from_millis(10)).await;
    let mut first = Vec::new();
    for accept in TYPES {
        first.push(ask_again(&background, "/z/health", accept, "").await);
    }
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        for (accept, first) in TYPES.iter().zip(&first) {
            assert_eq!(
                ask_again(&background, "/z/health", accept, "").await,
                *first
            );
        }
    }
}

#[tokio::test]
async fn without_the_switch_there_is_no_tag_and_nothing_is_stored() {
    let management = management(|builder| builder);
    let answer = ask_again(&management, "/z/health", V3, "*").await;
    assert_eq!(
        (answer.status, answer.header("etag"), answer.header("vary")),
        (200, None, None)
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn other_answers_stay_without_a_tag() {
    let management = healthy();
    for (path, status) in [
        ("/z/info", 200),
        ("/z/health/nope", 404),
        ("/z/prometheus", 200),
    ] {
        let answer = ask_again(&management, path, "*/*", "*").await;
        assert_eq!(
            (answer.status, answer.header("etag")),
            (status, None),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn timings_cannot_be_stable() {
    let refused = Management::builder("orders")
        .stable_bodies()
        .show_timings()
        .build();
    let problems = refused.expect_err("a contradiction").to_string();
    assert!(problems.contains("timings"), "{problems}");
}

#[test]
fn a_304_is_a_success_to_the_log() {
    let management = healthy();
    assert!(
        management
            .no_log()
            .leaves_out(http::StatusCode::NOT_MODIFIED)
    );
    assert!(!management.no_log().leaves_out(http::StatusCode::FOUND));
}
