use std::io;

use health_checks::LastRun;
use tokio::time::{advance, sleep};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_success_is_believed_for_as_long_as_it_may_be_old() {
    let (check, runs) = LastRun::new(60 * SECOND);
    let run = runs.begin();
    advance(2 * SECOND).await;
    let health = ask(&check).await;
    assert_told(&health, Status::UNKNOWN, "");
    assert_eq!(detail(&health, "running"), true);
    assert_eq!(detail(&health, "runningMs"), 2000);
    run.succeeded();
    advance(60 * SECOND).await;
    let health = ask(&check).await;
    assert_told(&health, Status::UP, "");
    assert_eq!(detail(&health, "lastSuccessMs"), 2000);
    assert_eq!(detail(&health, "ageSeconds"), 60);
    assert_eq!(detail(&health, "maxAgeSeconds"), 60);
    assert_eq!(detail(&health, "running"), false);
    assert_eq!(detail(&health, "consecutiveFailures"), 0);
    let time = detail(&health, "lastSuccess");
    assert!(time.as_str().unwrap().ends_with('Z'), "{time}");

    advance(Duration::from_millis(1)).await;
    let error = "the last success is 60 s old, more than 60 s";
    assert_told(&ask(&check).await, Status::DOWN, error);
    runs.begin().succeeded();
    assert_told(&ask(&check).await, Status::UP, "");
}

#[tokio::test(start_paused = true)]
async fn without_any_success_it_is_unknown_and_then_down() {
    let (check, runs) = LastRun::new(60 * SECOND);
    advance(60 * SECOND).await;
    assert_told(&ask(&check).await, Status::UNKNOWN, "");
    runs.begin().failed("no");
    assert_told(&ask(&check).await, Status::UNKNOWN, "");
    advance(Duration::from_millis(1)).await;
    assert_told(
        &ask(&check).await,
        Status::DOWN,
        "no run has succeeded within 60 s",
    );

    let (check, _runs) = LastRun::new(60 * SECOND);
    let check = check.first_within(Duration::from_millis(1500));
    advance(2 * SECOND).await;
    assert_told(
        &ask(&check).await,
        Status::DOWN,
        "no run has succeeded within 1500 ms",
    );
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_are_down_and_a_success_forgives_them() {
    let (check, runs) = LastRun::new(60 * SECOND);
    runs.begin().succeeded();
    for number in 1..=2 {
        runs.begin().failed(format!("reason {number}"));
        let health = ask(&check).await;
        assert_told(&health, Status::UP, "");
        assert_eq!(detail(&health, "consecutiveFailures"), number);
        assert_eq!(
            detail(&health, "lastFailureReason"),
            format!("reason {number}")
        );
        assert!(detail(&health, "lastFailure").is_string());
    }
    runs.begin().failed("reason 3");
    assert_told(&ask(&check).await, Status::DOWN, "the last 3 runs failed");
    runs.begin().succeeded();
    assert_told(&ask(&check).await, Status::UP, "");
    runs.begin().failed("x");
    assert_told(
        &ask(&check.failures_until_down(0)).await,
        Status::DOWN,
        "the last run failed",
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_that_takes_too_long_is_down() {
    let (check, runs) = LastRun::new(600 * SECOND);
    let check = check.max_duration(30 * SECOND);
    runs.begin().succeeded();
    let first = runs.begin();
    advance(20 * SECOND).await;
    let second = runs.clone().begin();
    advance(10 * SECOND).await;
    assert_told(&ask(&check).await, Status::UP, "");
    advance(Duration::from_millis(1)).await;
    assert_told(
        &ask(&check).await,
        Status::DOWN,
        "runs for 30 s, longer than 30 s",
    );
    first.succeeded();
    assert_told(&ask(&check).await, Status::UP, "");
    advance(20 * SECOND).await;
    assert_told(
        &ask(&check).await,
        Status::DOWN,
        "runs for 30 s, longer than 30 s",
    );
    second.succeeded();
    assert_told(&ask(&check).await, Status::UP, "");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_say_how_it_ended_has_failed() {
    let reason = |health: &Health| detail(health, "lastFailureReason");
    let (check, runs) = LastRun::new(60 * SECOND);
    drop(runs.begin());
    let health = ask(&check).await;
    assert_eq!(reason(&health), "it was given up before its end");
    assert_eq!(detail(&health, "consecutiveFailures"), 1);

    let panics = runs.clone();
    let task = tokio::spawn(async move {
        let _run = panics.begin();
        std::panic::panic_any("odd");
    });
    assert!(task.await.is_err());
    assert_eq!(reason(&ask(&check).await), "it panicked");

    let aborted = runs.clone();
    let task = tokio::spawn(async move { aborted.record(endless()).await });
    sleep(SECOND).await;
    task.abort();
    _ = task.await;
    let health = ask(&check).await;
    assert_eq!(reason(&health), "it was given up before its end");
    assert_eq!(detail(&health, "running"), false);
    assert_eq!(detail(&health, "consecutiveFailures"), 3);
}

async fn endless() -> io::Result<()> {
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn a_recorded_run_returns_what_it_returned() {
    let (check, runs) = LastRun::new(60 * SECOND);
    let result: Result<u8, String> = runs.record(async { Ok(7) }).await;
    assert_eq!(result, Ok(7));
    assert_told(&ask(&check).await, Status::UP, "");
    let long = "x".repeat(5000);
    let result: Result<u8, String> = runs.record(async { Err(long.clone()) }).await;
    assert_eq!(result, Err(long));
    let health = ask(&check).await;
    assert_eq!(
        detail(&health, "lastFailureReason").as_str().unwrap().len(),
        1000
    );
}
