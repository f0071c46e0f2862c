//! Checks that fail in every way: the endpoint works and says which component and why.

use std::io;

use health_axum::{
    Management,
    core::{Builder, Health, Show},
};

use crate::support::{get, serve};

const LIMIT_BYTES: usize = 1000;

async fn panics() -> bool {
    panic!("index out of bounds")
}

fn with_bad_checks() -> Builder {
    Management::builder("orders")
        .details_limit_bytes(LIMIT_BYTES)
        .check("failing", || async {
            Err::<(), _>(io::Error::other("connection refused"))
        })
        .check("panicking", panics)
        .check("sound", || async { true })
        .check("talkative", || async {
            Health::up().detail("text", "x".repeat(LIMIT_BYTES))
        })
}

#[tokio::test]
async fn who_may_see_details_learns_which_component_fails_and_why() {
    let management = with_bad_checks()
        .show_details(Show::Always)
        .build()
        .unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    let cases = [
        (
            "failing",
            503,
            r#"{"status":"DOWN","details":{"error":"connection refused"}}"#,
        ),
        (
            "panicking",
            503,
            r#"{"status":"DOWN","details":{"error":"panicked: index out of bounds"}}"#,
        ),
        ("sound", 200, r#"{"status":"UP"}"#),
    ];
    let whole = get(server, "/z/health").await;
    assert_eq!(whole.code, 503);
    for (name, code, node) in cases {
        let alone = get(server, &format!("/z/health/{name}")).await;
        assert_eq!((alone.code, alone.body.as_str()), (code, node), "{name}");
        assert!(
            whole.body.contains(&format!(r#""{name}":{node}"#)),
            "{name}: {}",
            whole.body
        );
    }
    let talkative = get(server, "/z/health/talkative").await;
    assert_eq!(talkative.code, 200);
    assert!(
        talkative
            .body
            .starts_with(r#"{"status":"UP","details":{"error":"details of "#),
        "{}",
        talkative.body
    );
    assert!(talkative.body.len() < LIMIT_BYTES, "{}", talkative.body);
}

#[tokio::test]
async fn the_public_learns_which_component_fails_and_not_why() {
    let server = serve(health_axum::endpoints(&with_bad_checks().build().unwrap())).await;
    let whole = get(server, "/z/health").await;
    assert_eq!(whole.code, 503);
    let components = concat!(
        r#""failing":{"status":"DOWN"},"livenessState":{"status":"UP"},"#,
        r#""panicking":{"status":"DOWN"},"ping":{"status":"UP"},"readinessState":{"status":"UP"},"#,
        r#""sound":{"status":"UP"},"talkative":{"status":"UP"}"#,
    );
    let expected = format!(
        r#"{{"status":"DOWN","components":{{{components}}},"groups":["liveness","readiness","startup"]}}"#
    );
    assert_eq!(whole.body, expected);
    assert_eq!(
        get(server, "/z/health/failing").await.body,
        r#"{"status":"DOWN"}"#
    );
}

#[tokio::test]
async fn a_panic_ends_nothing_else() {
    let management = with_bad_checks().build().unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    for _ in 0..3 {
        assert_eq!(get(server, "/z/health/panicking").await.code, 503);
        assert_eq!(get(server, "/z/health/sound").await.code, 200);
        assert_eq!(get(server, "/z/health/liveness").await.code, 200);
    }
}
