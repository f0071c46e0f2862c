//! Named checks in the manner of flask-healthz.

use health_core::{CheckError, Health, Management};

use crate::support::{Hangs, Panics, ask, failing, get, holds, management, ms};

fn with_checks(builder: health_core::Builder) -> health_core::Builder {
    builder
        .deadline(ms(100))
        .healthz("live", async || ())
        .healthz("ready", failing("Can't connect to the \"database\""))
        .healthz("false", async || false)
        .healthz(
            "described",
            holds(Health::down().description("out of seats")),
        )
        .healthz(
            "detail",
            holds(
                Health::down()
                    .error(CheckError::new("no route"))
                    .detail("password", 1),
            ),
        )
        .healthz("out", holds(Health::out_of_service()))
        .healthz("unknown", holds(Health::unknown()))
        .healthz("custom", holds(Health::new("DEGRADED")))
        .healthz("hangs", Hangs)
        .healthz("panics", Panics::InPoll)
        .healthz("a b", async || ())
}

#[tokio::test(start_paused = true)]
async fn bodies_are_exactly_those_of_flask_healthz() {
    let management = management(with_checks);
    let cases = [
        ("live", 200, r#"{"status": 200, "title": "OK"}"#),
        ("a%20b", 200, r#"{"status": 200, "title": "OK"}"#),
        (
            "ready",
            503,
            r#"{"status": 503, "title": "Can't connect to the \"database\""}"#,
        ),
        ("false", 503, r#"{"status": 503, "title": "DOWN"}"#),
        (
            "described",
            503,
            r#"{"status": 503, "title": "out of seats"}"#,
        ),
        ("detail", 503, r#"{"status": 503, "title": "no route"}"#),
        ("out", 503, r#"{"status": 503, "title": "OUT_OF_SERVICE"}"#),
        ("unknown", 503, r#"{"status": 503, "title": "UNKNOWN"}"#),
        ("custom", 503, r#"{"status": 503, "title": "DEGRADED"}"#),
        (
            "hangs",
            503,
            r#"{"status": 503, "title": "gave no result within 100 ms"}"#,
        ),
        (
            "start",
            404,
            r#"{"status": 404, "title": "The start check endpoint is not setup"}"#,
        ),
        (
            "Live",
            404,
            r#"{"status": 404, "title": "The Live check endpoint is not setup"}"#,
        ),
        (
            "live/",
            404,
            r#"{"status": 404, "title": "The live/ check endpoint is not setup"}"#,
        ),
    ];
    for (name, code, body) in cases {
        let answer = get(&management, &format!("/healthz/{name}")).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (code, body),
            "{name}"
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{name}"
        );
    }
    let panics = get(&management, "/healthz/panics").await;
    assert_eq!(panics.status, 503);
    assert_eq!(
        panics.body, r#"{"status": 503, "title": "the check panicked"}"#,
        "what a panic says is not public"
    );
}

#[tokio::test(start_paused = true)]
async fn they_are_no_components_of_health() {
    let management = management(|builder| builder.healthz("ready", failing("no")));
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (200, "UP".to_owned())
    );
    assert_eq!(get(&management, "/z/health/ready").await.status, 404);
    assert_eq!(get(&management, "/z/healthz/ready").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn the_prefix_can_be_set_and_the_bare_prefix_is_nothing() {
    for (prefix, base) in [
        ("/probes", "/z"),
        ("/a/b/", "/z"),
        ("/z2", "/z"),
        ("/healthz", ""),
        ("/healthy", "/"),
    ] {
        let management: Management =
            management(|builder| with_checks(builder).healthz_path(prefix).base_path(base));
        let prefix = prefix.trim_end_matches('/');
        assert_eq!(
            get(&management, &format!("{prefix}/live")).await.status,
            200,
            "{prefix}"
        );
        assert_eq!(get(&management, prefix).await.body, "", "{prefix}");
        assert_eq!(
            get(&management, &format!("{base}/health").replace("//", "/"))
                .await
                .status,
            200,
            "{prefix}"
        );
        if prefix != "/healthz" {
            assert_eq!(
                get(&management, "/healthz/live").await.status,
                404,
                "{prefix}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_checks_the_path_is_free() {
    let management = management(|builder| builder);
    for method in ["GET", "OPTIONS", "POST"] {
        assert_eq!(ask(&management, method, "/healthz/live").await.body, "");
    }
}
