//! A full pool is not a server that is gone.

use std::time::Duration;

use check_testing::{Mode, Relay, eventually};
use deadpool_postgres::{Manager, Runtime};
use health_checks::{DeadpoolPostgres, Postgres};
use sqlx::postgres::PgPoolOptions;
use tokio_postgres::NoTls;

use crate::{
    SERVER, backends, deadpool, options, pool,
    sql::{Answer, ENOUGH, alone, ask, ask_in_vain, ask_within},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_of_sqlx_is_out_of_service() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let pool = pool(relay.address(), 2);
    let taken = [pool.acquire().await.unwrap(), pool.acquire().await.unwrap()];
    let check = Postgres::new(pool.clone());

    let answer = ask_in_vain(check.clone()).await;
    assert_exhausted(&answer, "nobody asked whether the server answers");
    let direct = check.clone().direct_connection();
    let answer = ask_within(direct.clone(), ENOUGH).await;
    assert_exhausted(&answer, "the server answers a direct connection");
    let settles = Duration::from_secs(5);
    eventually("the direct connection is closed", settles, async || {
        relay.open() == 2
    })
    .await;

    relay.set(Mode::BlackHole);
    let answer = ask_in_vain(direct.clone()).await;
    let error = ["no answer to a direct connection", "the pool is exhausted"];
    answer.assert("full, and a black hole", "DOWN", &error);
    relay.set(Mode::Refuse);
    let answer = ask_within(direct, ENOUGH).await;
    let error = ["Connection refused", "the pool is exhausted"];
    answer.assert("full, and refused", "DOWN", &error);
    relay.set(Mode::Pass);

    drop(taken);
    eventually("it recovers", settles, async || {
        ask(check.clone()).await.status == "UP"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_of_deadpool_is_out_of_service() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let pool = deadpool(relay.address(), 2);
    let taken = [pool.get().await.unwrap(), pool.get().await.unwrap()];
    let check = DeadpoolPostgres::new(pool.clone());

    let answer = ask_in_vain(check.clone()).await;
    assert_exhausted(&answer, "nobody asked whether the server answers");
    let direct = check.clone().direct_connection();
    let answer = ask_within(direct.clone(), ENOUGH).await;
    assert_exhausted(&answer, "the server answers a direct connection");
    let settles = Duration::from_secs(5);
    eventually("the direct connection is closed", settles, async || {
        relay.open() == 2
    })
    .await;

    relay.set(Mode::BlackHole);
    let answer = ask_in_vain(direct).await;
    let error = ["no answer to a direct connection", "the pool is exhausted"];
    answer.assert("full, and a black hole", "DOWN", &error);
    relay.set(Mode::Pass);

    drop(taken);
    ask(check).await.assert("given back", "UP", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_full_of_attempts_is_explained() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    relay.set(Mode::Refuse);
    let pool = pool(relay.address(), 2);
    let attempts = [pool.clone(), pool.clone()];
    let attempts = attempts.map(|pool| tokio::spawn(async move { pool.acquire().await.is_ok() }));
    let begun = async || pool.size() == 2;
    eventually("both are tried", Duration::from_secs(5), begun).await;
    let check = Postgres::new(pool.clone());
    let answer = ask_in_vain(check.clone()).await;
    assert_exhausted(&answer, "or being opened");
    let answer = ask_within(check.direct_connection(), ENOUGH).await;
    answer.assert(
        "refused",
        "DOWN",
        &["connection failed: Connection refused"],
    );
    for attempt in attempts {
        attempt.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_is_not_a_full_pool() {
    let _alone = alone().await;
    let server = check_testing::servers::postgres::Postgres::start(&[
        "max_connections=6",
        "superuser_reserved_connections=1",
        "max_wal_senders=0",
    ]);
    let other = pool(server.address(), 10);
    let mut taken = Vec::new();
    while let Ok(Ok(connection)) =
        tokio::time::timeout(Duration::from_secs(3), other.acquire()).await
    {
        taken.push(connection);
    }
    assert!(taken.len() >= 5, "{}", taken.len());
    let check = Postgres::new(pool(server.address(), 2)).direct_connection();
    let answer = ask_within(check, ENOUGH).await;
    answer.assert("full server", "DOWN", &["(53300)", "too many clients"]);
}

fn assert_exhausted(answer: &Answer, part: &str) {
    let error = ["the pool is exhausted: all 2 connections", part];
    answer.assert("full", "OUT_OF_SERVICE", &error);
    let expected = serde_json::json!({"size": 2, "idle": 0, "max": 2});
    assert_eq!(answer.details["pool"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_leave_one_connection() {
    let _alone = alone().await;
    let settles = Duration::from_secs(10);
    eventually("earlier pools are gone", settles, async || backends() == 0).await;
    let pool = pool(SERVER.address(), 3);
    let check = Postgres::new(pool.clone());
    let other = deadpool(SERVER.address(), 3);
    let other_check = DeadpoolPostgres::new(other.clone());
    for _ in 0..1000 {
        for health in [
            health_core::Check::check(&check).await.unwrap(),
            health_core::Check::check(&other_check).await.unwrap(),
        ] {
            assert_eq!(*health.status(), health_core::Status::UP, "{health:?}");
        }
    }
    assert_eq!((pool.size(), pool.num_idle()), (1, 1));
    assert_eq!(other.status().size, 1);
    assert_eq!(other.status().available, 1);
    assert_eq!(backends(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_with_less_patience_than_the_check_is_explained_too() {
    let _alone = alone().await;
    let patience = Duration::from_secs(1);
    let sqlx = PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(patience)
        .connect_lazy_with(options(SERVER.address()));
    let _taken = [sqlx.acquire().await.unwrap(), sqlx.acquire().await.unwrap()];
    let limited = deadpool_postgres::Pool::builder(Manager::new(
        "host=127.0.0.1 user=nobody".parse().unwrap(),
        NoTls,
    ))
    .max_size(0)
    .wait_timeout(Some(patience))
    .runtime(Runtime::Tokio1)
    .build()
    .unwrap();
    let within = Duration::from_secs(10);
    let direct = Postgres::new(sqlx.clone()).direct_connection();
    for (name, answer) in [
        ("sqlx", ask_within(direct, within).await),
        (
            "deadpool",
            ask_within(DeadpoolPostgres::new(limited), within).await,
        ),
    ] {
        answer.assert(name, "OUT_OF_SERVICE", &["the pool is exhausted"]);
        let acquire = answer.details["acquireMs"].as_u64().unwrap();
        assert!((1000..5000).contains(&acquire), "{name}: {answer}");
    }
}
