//! Runs that are given up half-way leave nothing behind, neither here nor on the server.

use std::time::{Duration, Instant};

use check_testing::{Mode, Relay, eventually};
use health_checks::{DeadpoolPostgres, Postgres};
use health_core::{Check, Status};
use sqlx::PgPool;
use tokio::time::timeout;

use crate::{
    SERVER, backends, deadpool, options, pool,
    sql::{ENOUGH, alone, ask, ask_within},
};

const SETTLES: Duration = Duration::from_secs(10);
const SLEEP: &str = "SELECT pg_sleep(600)::text";

/// Counts queries that run on the server.
async fn sleeping(watcher: &PgPool) -> i64 {
    let count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' \
                 AND state = 'active' AND pid <> pg_backend_pid()";
    sqlx::query_scalar(count).fetch_one(watcher).await.unwrap()
}

async fn is_asking(watcher: &PgPool) {
    while sleeping(watcher).await == 0 {}
}

/// A pool beside those under test, which looks at the server faster than a new process.
fn watcher() -> PgPool {
    PgPool::connect_lazy_with(options(SERVER.address()).application_name("watcher"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_ended_by_the_server() {
    let _alone = alone().await;
    let pool = pool(SERVER.address(), 2);
    let check = Postgres::new(pool.clone()).query(SLEEP);
    let answer = ask_within(check, ENOUGH).await;
    answer.assert("sqlx", "DOWN", &["the query took too long (57014)"]);
    let check = DeadpoolPostgres::new(deadpool(SERVER.address(), 2)).query(SLEEP);
    let answer = ask_within(check, ENOUGH).await;
    answer.assert("deadpool", "DOWN", &["the query took too long (57014)"]);
    let watcher = watcher();
    eventually("nothing runs", SETTLES, async || {
        sleeping(&watcher).await == 0
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_dropped_in_the_middle_of_a_query_leaves_nothing() {
    let _alone = alone().await;
    eventually("earlier pools are gone", SETTLES, async || backends() == 0).await;
    let sqlx = pool(SERVER.address(), 2);
    let deadpool = deadpool(SERVER.address(), 2);
    let watcher = watcher();
    let sqlx_check = Postgres::new(sqlx.clone()).query(SLEEP);
    let deadpool_check = DeadpoolPostgres::new(deadpool.clone()).query(SLEEP);
    for check in [&sqlx_check as &dyn Check, &deadpool_check] {
        // At points of the way that come as they come: while it connects, or authenticates.
        for number in 0..20 {
            let _ = timeout(Duration::from_millis(number * 5), check.check()).await;
        }
        // And for certain in the middle of the query.
        for _ in 0..10 {
            eventually("none runs", SETTLES, async || sleeping(&watcher).await == 0).await;
            let begin = Instant::now();
            let mut dropped = false;
            while !dropped {
                dropped = tokio::select! {
                    () = is_asking(&watcher) => true,
                    _ = check.check() => false,
                };
                assert!(begin.elapsed() < SETTLES, "no query was seen");
            }
        }
    }

    assert_eq!(sqlx.size(), 0, "a connection stays");
    assert_eq!(deadpool.status().size, 0, "a connection stays");
    eventually("the server has ended them", SETTLES, async || {
        backends() == 0
    })
    .await;
    // No place in the pools is lost, and no connection brings an answer to somebody else.
    for _ in 0..2 {
        let first: i32 = sqlx::query_scalar("SELECT 7")
            .fetch_one(&sqlx)
            .await
            .unwrap();
        assert_eq!(first, 7);
    }
    let all = [sqlx.acquire().await.unwrap(), sqlx.acquire().await.unwrap()];
    let all_of_other = [deadpool.get().await.unwrap(), deadpool.get().await.unwrap()];
    assert_eq!(
        all_of_other[0]
            .query_one("SELECT 7", &[])
            .await
            .unwrap()
            .get::<_, i32>(0),
        7
    );
    drop((all, all_of_other));
    ask(Postgres::new(sqlx)).await.assert("sqlx", "UP", &[]);
    ask(DeadpoolPostgres::new(deadpool))
        .await
        .assert("deadpool", "UP", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_takes_no_place_of_the_pool() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let sqlx = pool(relay.address(), 2);
    let deadpool = deadpool(relay.address(), 2);
    let checks: [&dyn Check; 2] = [
        &Postgres::new(sqlx.clone()).query("SELECT 1"),
        &DeadpoolPostgres::new(deadpool.clone()).query("SELECT 1"),
    ];
    for check in checks {
        assert_eq!(*check.check().await.unwrap().status(), Status::UP);
    }
    relay.set(Mode::BlackHole);
    for _ in 0..5 {
        for check in checks {
            let _ = timeout(Duration::from_millis(50), check.check()).await;
        }
    }
    assert_eq!((sqlx.size(), deadpool.status().size), (0, 0));
    relay.set(Mode::Pass);
    let within = Duration::from_secs(2);
    ask_within(Postgres::new(sqlx), within)
        .await
        .assert("sqlx", "UP", &[]);
    let check = DeadpoolPostgres::new(deadpool);
    ask_within(check, within)
        .await
        .assert("deadpool", "UP", &[]);
}
