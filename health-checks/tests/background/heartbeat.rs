use health_checks::Heartbeat;
use tokio::time::{advance, sleep};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_loop_that_beats_in_time_is_up() {
    let (check, beat) = Heartbeat::new(10 * SECOND);
    let health = ask(&check).await;
    assert_told(&health, Status::OUT_OF_SERVICE, "");
    assert_eq!(detail(&health, "state"), "starting");

    beat.beat();
    advance(10 * SECOND).await;
    let health = ask(&check).await;
    assert_told(&health, Status::UP, "");
    assert_eq!(detail(&health, "state"), "beating");
    assert_eq!(detail(&health, "silentMs"), 10_000);
    assert_eq!(detail(&health, "maxSilenceMs"), 10_000);

    advance(Duration::from_millis(1)).await;
    let health = ask(&check).await;
    assert_told(
        &health,
        Status::DOWN,
        "no beat for 10001 ms, more than 10000 ms",
    );
    assert_eq!(detail(&health, "state"), "silent");

    beat.clone().beat();
    let health = ask(&check).await;
    assert_told(&health, Status::UP, "");
    assert_eq!(detail(&health, "beats"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_does_not_start_is_down() {
    let (check, _beat) = Heartbeat::new(10 * SECOND);
    advance(10 * SECOND).await;
    assert_told(&ask(&check).await, Status::OUT_OF_SERVICE, "");
    advance(Duration::from_millis(1)).await;
    assert_told(
        &ask(&check).await,
        Status::DOWN,
        "no beat yet, 10001 ms after the start",
    );

    let (check, beat) = Heartbeat::new(SECOND);
    let check = check.start_within(60 * SECOND);
    advance(60 * SECOND).await;
    assert_told(&ask(&check).await, Status::OUT_OF_SERVICE, "");
    beat.beat();
    advance(2 * SECOND).await;
    assert_told(
        &ask(&check).await,
        Status::DOWN,
        "no beat for 2000 ms, more than 1000 ms",
    );
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_ended_is_told_apart_from_one_that_is_silent() {
    let (check, beat) = Heartbeat::new(10 * SECOND);
    let other = beat.clone();
    beat.beat();
    drop(beat);
    assert_told(&ask(&check).await, Status::UP, "");
    drop(other);
    let health = ask(&check).await;
    assert_told(&health, Status::DOWN, "the loop ended");
    assert_eq!(detail(&health, "state"), "ended");

    let (check, beat) = Heartbeat::new(10 * SECOND);
    drop(beat);
    assert_told(&ask(&check).await, Status::DOWN, "the loop ended");
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_panicked_or_was_aborted_has_ended() {
    let (check, beat) = Heartbeat::new(10 * SECOND);
    let task = tokio::spawn(async move {
        beat.beat();
        sleep(SECOND).await;
        std::panic::panic_any("odd");
    });
    assert!(task.await.is_err());
    let health = ask(&check).await;
    assert_told(&health, Status::DOWN, "the loop panicked");
    assert_eq!(detail(&health, "state"), "panicked");

    let (check, beat) = Heartbeat::new(10 * SECOND);
    let task = tokio::spawn(async move {
        loop {
            beat.beat();
            sleep(SECOND).await;
        }
    });
    sleep(60 * SECOND).await;
    assert_told(&ask(&check).await, Status::UP, "");
    task.abort();
    _ = task.await;
    assert_told(&ask(&check).await, Status::DOWN, "the loop ended");
}

#[test]
fn beats_of_many_threads_without_a_runtime_all_count() {
    let (check, beat) = Heartbeat::new(60 * SECOND);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let beat = beat.clone();
            scope.spawn(move || (0..10_000).for_each(|_| beat.beat()));
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let health = runtime.block_on(ask(&check));
    assert_told(&health, Status::UP, "");
    assert_eq!(detail(&health, "beats"), 40_000);
}
