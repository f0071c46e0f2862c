//! What becomes of the pool.

use std::time::Duration;

use check_testing::{Mode, Relay, eventually};
use health_checks::MySql;
use health_core::{Check, Status};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    SERVER, pool,
    sql::{ENOUGH, alone, ask, ask_in_vain, ask_within},
    threads,
};

const SETTLES: Duration = Duration::from_secs(10);
const SLEEP: &str = "SELECT sleep(600)";

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_out_of_service() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let pool = pool(relay.address(), 2);
    let taken = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    let check = MySql::new(pool.clone());
    let full = "the pool is exhausted: all 2 connections";
    for (check, part) in [
        (check.clone(), "nobody asked whether the server answers"),
        (
            check.clone().direct_connection(),
            "the server answers a direct connection",
        ),
    ] {
        let answer = ask_within(check, ENOUGH).await;
        answer.assert(part, "OUT_OF_SERVICE", &[full, part]);
        let numbers = json!({"size": 2, "idle": 0, "max": 2});
        assert_eq!(answer.details["pool"], numbers);
    }
    relay.set(Mode::BlackHole);
    let answer = ask_in_vain(check.clone().direct_connection()).await;
    answer.assert(
        "black hole",
        "DOWN",
        &["no answer to a direct connection", full],
    );
    relay.set(Mode::Pass);
    drop(taken);
    eventually("it recovers", SETTLES, async || {
        ask(check.clone()).await.status == "UP"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_leave_one_connection() {
    let _alone = alone().await;
    eventually("earlier pools are gone", SETTLES, async || threads() == 0).await;
    let pool = pool(SERVER.address(), 3);
    let check = MySql::new(pool.clone()).query("SELECT 1");
    for _ in 0..1000 {
        let health = check.check().await.unwrap();
        assert_eq!(*health.status(), Status::UP, "{health:?}");
    }
    assert_eq!((pool.size(), pool.num_idle(), threads()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_ended_by_the_server() {
    let _alone = alone().await;
    let pool = pool(SERVER.address(), 2);
    // A sleep that is ended returns 1 instead of an error.
    let endless = "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b";
    let answer = ask_within(MySql::new(pool.clone()).query(endless), ENOUGH).await;
    answer.assert("endless", "DOWN", &["the query took too long (70100)"]);
    let limit: f64 = sqlx::query_scalar("SELECT CAST(@@max_statement_time AS DOUBLE)")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(limit, 0.0, "the setting stays with the connection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_dropped_in_the_middle_of_a_query_leaves_nothing() {
    let _alone = alone().await;
    eventually("earlier pools are gone", SETTLES, async || threads() == 0).await;
    let pool = pool(SERVER.address(), 2);
    let check = MySql::new(pool.clone()).query(SLEEP);
    let mut seen_running = 0;
    for number in 0..30_u64 {
        let after = Duration::from_millis(number * 5);
        let _ = timeout(after, check.check()).await;
        seen_running += threads();
    }
    assert!(
        seen_running > 0,
        "no run was dropped in the middle of a query"
    );
    assert_eq!(pool.size(), 0, "a connection stays");
    eventually("the server has ended them", SETTLES, async || {
        threads() == 0
    })
    .await;
    for _ in 0..2 {
        let seven: i32 = sqlx::query_scalar("SELECT 7")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(seven, 7);
    }
    drop([pool.acquire().await.unwrap(), pool.acquire().await.unwrap()]);
    ask(MySql::new(pool)).await.assert("afterwards", "UP", &[]);
}
