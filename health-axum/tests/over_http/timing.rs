//! How long an answer takes. Real time, with bounds far from what they tell apart.

use std::{
    future,
    net::SocketAddr,
    time::{Duration, Instant},
};

use health_axum::{
    Management,
    core::{Builder, Component, Show},
};

use crate::support::{Answer, get, serve};

const CHECKS: usize = 20;
const EACH: Duration = Duration::from_millis(100);

/// Half of what the checks would take one after the other.
const IN_PARALLEL: Duration = Duration::from_secs(1);

fn with_slow_checks() -> Builder {
    (0..CHECKS).fold(
        Management::builder("orders").show_details(Show::Always),
        |builder, number| builder.check(format!("slow-{number:02}"), || tokio::time::sleep(EACH)),
    )
}

async fn timed(server: SocketAddr, path: &str) -> (Answer, Duration) {
    let start = Instant::now();
    let answer = get(server, path).await;
    (answer, start.elapsed())
}

#[tokio::test]
async fn many_slow_checks_take_as_long_as_one() {
    let server = serve(health_axum::endpoints(&with_slow_checks().build().unwrap())).await;
    let (answer, took) = timed(server, "/z/health").await;
    assert_eq!(answer.code, 200);
    assert_eq!(
        answer.body.matches(r#""slow-"#).count(),
        CHECKS,
        "{}",
        answer.body
    );
    assert!(took >= EACH, "{took:?}");
    assert!(took < IN_PARALLEL, "{took:?}");
}

#[tokio::test]
async fn a_hanging_check_costs_its_deadline_and_hides_no_other_result() {
    let deadline = Duration::from_millis(300);
    let management = with_slow_checks()
        .component(Component::new("hanging", future::pending::<bool>).deadline(deadline))
        .build()
        .unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    let (answer, took) = timed(server, "/z/health").await;
    assert_eq!(answer.code, 503);
    let hanging = r#""hanging":{"status":"DOWN","details":{"error":""#;
    assert!(answer.body.contains(hanging), "{}", answer.body);
    for number in 0..CHECKS {
        let slow = format!(r#""slow-{number:02}":{{"status":"UP"}}"#);
        assert!(answer.body.contains(&slow), "{}", answer.body);
    }
    assert!(took >= deadline, "{took:?}");
    assert!(took < IN_PARALLEL, "{took:?}");
}

#[tokio::test]
async fn liveness_waits_for_nobody() {
    let hour = Duration::from_secs(3600);
    let management = with_slow_checks()
        .component(
            Component::new("hanging", future::pending::<bool>)
                .deadline(hour)
                .readiness(),
        )
        .build()
        .unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    let health = tokio::spawn(async move { get(server, "/z/health").await });
    for path in [
        "/z/health/liveness",
        "/z/health/ping",
        "/z/version",
        "/z/info",
    ] {
        let (answer, took) = timed(server, path).await;
        assert_eq!(answer.code, 200, "{path}");
        assert!(took < IN_PARALLEL, "{path}: {took:?}");
    }
    assert!(
        !health.is_finished(),
        "the hanging check was to hang meanwhile"
    );
    health.abort();
}
