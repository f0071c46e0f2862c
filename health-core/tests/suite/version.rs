//! `/version`.

use std::{process::Command, time::Duration};

use health_core::{Management, UNKNOWN_VERSION, VERSION_VARIABLE};
use http::StatusCode;

use crate::support::{assert_took, get, management, ms, timed};

async fn version(management: &Management) -> (u16, String) {
    let answer = get(management, "/z/version").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8"),
        "{answer:?}"
    );
    (answer.status, answer.body)
}

#[tokio::test(start_paused = true)]
async fn a_text_or_a_closure_tells_the_version() {
    type Failed = Result<&'static str, std::fmt::Error>;
    let of = |set: fn(health_core::Builder) -> health_core::Builder| management(set);
    let cases: [(&str, Management, u16, &str); 10] = [
        ("text", of(|b| b.version("1.2.3")), 200, "1.2.3"),
        (
            "owned text",
            of(|b| b.version(String::from("größe 1"))),
            200,
            "größe 1",
        ),
        ("sync", of(|b| b.version(|| "1.2.3")), 200, "1.2.3"),
        (
            "sync, owned",
            of(|b| b.version(|| format!("1.{}", 2))),
            200,
            "1.2",
        ),
        (
            "sync, with code",
            of(|b| b.version(|| (StatusCode::ACCEPTED, "soon"))),
            202,
            "soon",
        ),
        (
            "sync result",
            of(|b| b.version(|| Failed::Ok("1.2.3"))),
            200,
            "1.2.3",
        ),
        ("async", of(|b| b.version(async || "1.2.3")), 200, "1.2.3"),
        (
            "async, with code",
            of(|b| b.version(async || (StatusCode::IM_A_TEAPOT, String::from("x")))),
            418,
            "x",
        ),
        (
            "async result",
            of(|b| b.version(async || Failed::Ok("1.2.3"))),
            200,
            "1.2.3",
        ),
        (
            "async result with code",
            of(|b| b.version(async || Ok::<_, std::fmt::Error>((StatusCode::ACCEPTED, "soon")))),
            202,
            "soon",
        ),
    ];
    for (name, management, code, body) in cases {
        assert_eq!(
            version(&management).await,
            (code, body.to_owned()),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_closure_that_fails_is_a_plain_500_without_its_reason() {
    type Failed = Result<&'static str, &'static str>;
    let of = |set: fn(health_core::Builder) -> health_core::Builder| management(set);
    let cases = [
        ("sync error", of(|b| b.version(|| Failed::Err("kaboom")))),
        (
            "sync panic",
            of(|b| b.version(|| -> &'static str { panic!("kaboom") })),
        ),
        (
            "async error",
            of(|b| b.version(async || Failed::Err("kaboom"))),
        ),
        (
            "async panic",
            of(|b| b.version(async || -> &'static str { panic!("kaboom") })),
        ),
        (
            "async panic when called",
            of(|b| b.version(|| -> std::future::Ready<&'static str> { panic!("kaboom") })),
        ),
        (
            "async panic later",
            of(|b| {
                b.version(async || -> &'static str {
                    tokio::task::yield_now().await;
                    panic!("kaboom")
                })
            }),
        ),
    ];
    for (name, management) in cases {
        for _ in 0..2 {
            let expected = (500, "the version is not available".to_owned());
            assert_eq!(version(&management).await, expected, "{name}");
        }
        assert_eq!(get(&management, "/z/health").await.status, 200, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_closure_that_hangs_is_given_up() {
    let management = management(|builder| builder.version(std::future::pending::<String>));
    let ((code, _), took) = timed(version(&management)).await;
    assert_eq!(code, 500);
    assert_took(took, health_core::DEFAULT_DEADLINE);
    let (liveness, took) = timed(get(&management, "/z/health/liveness")).await;
    assert_eq!((liveness.status, took), (200, ms(0)));
}

/// Run by the test below in a process of its own, whose environment it tells.
#[tokio::test(start_paused = true)]
async fn the_version_of_this_process() {
    let expected = std::env::var(EXPECTED).ok();
    let default = std::env::var(VERSION_VARIABLE)
        .ok()
        .filter(|version| !version.is_empty());
    let expected = expected
        .or(default)
        .unwrap_or_else(|| UNKNOWN_VERSION.to_owned());
    let management = management(|builder| builder);
    assert_eq!(version(&management).await, (200, expected));
}

/// Says to the child process which version it has to answer.
const EXPECTED: &str = "EXPECTED_VERSION";

#[test]
fn the_environment_tells_the_version_when_nothing_else_does() {
    for (value, expected) in [
        (Some("4.5.6"), "4.5.6"),
        (Some(""), "unknown"),
        (None, "unknown"),
    ] {
        let mut child = Command::new(std::env::current_exe().expect("this test"));
        child
            .args(["--exact", "version::the_version_of_this_process"])
            .env(EXPECTED, expected);
        match value {
            Some(value) => child.env(VERSION_VARIABLE, value),
            None => child.env_remove(VERSION_VARIABLE),
        };
        let output = child.output().expect("runs itself");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{value:?}: {text}");
        assert!(text.contains("1 passed"), "{value:?}: {text}");
    }
    assert_eq!(VERSION_VARIABLE, "VERSION");
    assert!(health_core::DEFAULT_DEADLINE > Duration::ZERO);
}
