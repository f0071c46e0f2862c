//! Why a server is DOWN.

use std::net::{Ipv4Addr, SocketAddr};

use check_testing::{Authority, Mode, Relay, free_port, servers::postgres::Postgres as Server};
use health_checks::{DeadpoolPostgres, Postgres};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgSslMode},
};

use crate::{
    SERVER, deadpool, deadpool_with, options, pool,
    sql::{DEADLINE, alone, ask},
};

const WRONG: &str = "wr0ng-s3cret";

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_is_told() {
    let _alone = alone().await;
    let authority = Authority::new("ours");
    let tls = Server::start_tls(&authority.sign(&["127.0.0.1"]));
    let ours = authority.pem().as_bytes().to_vec();
    let dead = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let there = SERVER.address();
    let cases: [(&str, PgConnectOptions, &str, &[&str]); 9] = [
        (
            "ours",
            options(tls.address())
                .ssl_mode(PgSslMode::VerifyFull)
                .ssl_root_cert_from_pem(ours),
            "UP",
            &[],
        ),
        ("refused", options(dead), "DOWN", &["Connection refused"]),
        (
            "no such name",
            options(there).host("nowhere.invalid"),
            "DOWN",
            &["connection failed: failed to lookup address"],
        ),
        (
            "wrong password",
            options(there).password(WRONG),
            "DOWN",
            &["authentication failed (28P01)", "user \"health\""],
        ),
        (
            "no such user",
            options(there).username("nobody"),
            "DOWN",
            &["authentication failed (28P01)"],
        ),
        (
            "no such database",
            options(there).database("nothing"),
            "DOWN",
            &["(3D000)", "\"nothing\" does not exist"],
        ),
        (
            "unknown authority",
            options(tls.address()).ssl_mode(PgSslMode::VerifyFull),
            "DOWN",
            &["TLS failed", "UnknownIssuer"],
        ),
        (
            "TLS is required",
            options(tls.address()),
            "DOWN",
            &["authentication failed (28000)", "no encryption"],
        ),
        (
            "TLS is not spoken",
            options(there).ssl_mode(PgSslMode::Require),
            "DOWN",
            &["TLS failed: server does not support TLS"],
        ),
    ];
    for (name, options, status, error) in cases {
        let check = Postgres::new(PgPool::connect_lazy_with(options)).direct_connection();
        let answer = ask(check).await;
        answer.assert(name, status, error);
        assert!(!answer.details.to_string().contains(WRONG), "{name}");
    }

    let cases: [(&str, deadpool_postgres::Pool, &[&str]); 3] = [
        ("refused", deadpool(dead, 2), &["Connection refused"]),
        (
            "wrong password",
            deadpool_with(there, WRONG, 2),
            &["authentication failed (28P01)"],
        ),
        (
            "TLS is required",
            deadpool(tls.address(), 2),
            &["authentication failed (28000)", "no encryption"],
        ),
    ];
    for (name, pool, error) in cases {
        let answer = ask(DeadpoolPostgres::new(pool)).await;
        answer.assert(name, "DOWN", error);
        assert!(!answer.details.to_string().contains(WRONG), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_cannot_tell_says_so() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let pool = pool(relay.address(), 2);
    let check = Postgres::new(pool.clone());
    ask(check.clone()).await.assert("up", "UP", &[]);
    for mode in [Mode::Refuse, Mode::BlackHole] {
        relay.set(mode);
        let answer = ask(check.clone()).await;
        let room = "gave none within";
        let hint = "the server refuses connections or does not answer";
        answer.assert(&format!("{mode:?}"), "DOWN", &[room, hint]);
    }
    relay.set(Mode::Pass);
    pool.close().await;
    ask(check)
        .await
        .assert("closed", "DOWN", &["the pool is closed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_costs_one_deadline_and_is_named() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let sqlx = Postgres::new(pool(relay.address(), 2)).direct_connection();
    let deadpool = DeadpoolPostgres::new(deadpool(relay.address(), 2)).direct_connection();
    ask(sqlx.clone()).await.assert("before", "UP", &[]);
    ask(deadpool.clone()).await.assert("before", "UP", &[]);
    relay.set(Mode::BlackHole);
    for _ in 0..2 {
        let answer = ask(sqlx.clone()).await;
        answer.assert("sqlx", "DOWN", &["no answer to a direct connection within"]);
        assert!(answer.took < DEADLINE * 3 / 2, "{answer}");
        let answer = ask(deadpool.clone()).await;
        answer.assert("deadpool", "DOWN", &["no answer to"]);
        assert!(answer.took < DEADLINE * 3 / 2, "{answer}");
    }
    relay.set(Mode::Pass);
    ask(sqlx).await.assert("sqlx, mended", "UP", &[]);
    ask(deadpool).await.assert("deadpool, mended", "UP", &[]);
}
