//! Primaries and standbys.

use std::time::Duration;

use check_testing::{Restart, eventually, servers::postgres::Postgres as Server};
use health_checks::{DeadpoolPostgres, Postgres};
use health_core::Status;

use crate::{
    deadpool, pool,
    sql::{alone, ask},
};

const SETTLES: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_told_from_a_primary_and_its_lag_is_limited() {
    let _alone = alone().await;
    let mut primary = Server::start(&[]);
    let standby = primary.standby();
    let on_standby = Postgres::new(pool(standby.address(), 2));
    let deadpool_on_standby = DeadpoolPostgres::new(deadpool(standby.address(), 2));
    let limited = on_standby.clone().max_replica_lag(Duration::from_secs(1));

    let on_primary = Postgres::new(pool(primary.address(), 2)).require_primary();
    let answer = ask(on_primary.max_replica_lag(Duration::ZERO)).await;
    answer.assert("primary", "UP", &[]);
    assert_eq!(answer.details["role"], "primary");

    eventually("the standby follows", SETTLES, async || {
        ask(limited.clone()).await.status == "UP"
    })
    .await;
    for (name, answer) in [
        ("sqlx", ask(on_standby.clone()).await),
        ("deadpool", ask(deadpool_on_standby.clone()).await),
    ] {
        answer.assert(name, "UP", &[]);
        assert_eq!(answer.details["role"], "replica", "{name}");
        assert!(answer.details["replicaLagMs"].is_u64(), "{name}: {answer}");
    }

    let error = ["the server is a replica, a primary is required"];
    let strict = on_standby.clone().require_primary();
    ask(strict.clone())
        .await
        .assert("strict", "OUT_OF_SERVICE", &error);
    let strict = strict.replica_status(Status::DOWN);
    ask(strict).await.assert("strict, DOWN", "DOWN", &error);
    let strict = deadpool_on_standby.require_primary();
    ask(strict)
        .await
        .assert("deadpool", "OUT_OF_SERVICE", &error);

    // As long as it has replayed no transaction, a standby with something left cannot tell its lag.
    let lags = limited.clone().max_replica_lag(Duration::from_millis(20));
    standby.query("SELECT pg_wal_replay_pause()");
    primary.query("CREATE TABLE first (x int)");
    eventually("it cannot tell", SETTLES, async || {
        let answer = ask(lags.clone()).await;
        answer.status == "OUT_OF_SERVICE"
            && answer.error().contains("lag of the replica is not known")
    })
    .await;
    standby.query("SELECT pg_wal_replay_resume()");
    eventually("it follows", SETTLES, async || {
        ask(lags.clone()).await.status == "UP"
    })
    .await;

    // What is received and not replayed is lag.
    standby.query("SELECT pg_wal_replay_pause()");
    primary.query("CREATE TABLE second (x int)");
    eventually("it lags", SETTLES, async || {
        let answer = ask(lags.clone()).await;
        answer.status == "OUT_OF_SERVICE" && answer.error().contains("the replica lags by")
    })
    .await;
    standby.query("SELECT pg_wal_replay_resume()");
    eventually("it follows again", SETTLES, async || {
        ask(limited.clone()).await.status == "UP"
    })
    .await;

    // Without a primary nothing is received, and the time since the last transaction counts.
    primary.kill();
    eventually("its primary is gone", SETTLES, async || {
        ask(lags.clone()).await.status == "OUT_OF_SERVICE"
    })
    .await;
}
