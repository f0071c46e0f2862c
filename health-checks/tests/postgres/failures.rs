//! Why a server is DOWN.

use std::net::{Ipv4Addr, SocketAddr};

use check_testing::{Authority, Relay, free_port, servers::postgres::Postgres as Server};
use health_checks::{DeadpoolPostgres, Postgres};
use sqlx::{PgPool, postgres::PgSslMode};

use crate::{
    SERVER, deadpool, deadpool_with, options, pool,
    sql::{
        alone, ask,
        failures::{self, Servers, Setting},
    },
};

fn check(address: SocketAddr, setting: Setting<'_>) -> Postgres {
    let options = options(address);
    let options = match setting {
        Setting::Right => options,
        Setting::Host(host) => options.host(host),
        Setting::User(user) => options.username(user),
        Setting::Password(password) => options.password(password),
        Setting::Database(database) => options.database(database),
        Setting::TlsRequired => options.ssl_mode(PgSslMode::Require),
        Setting::TlsVerified(None) => options.ssl_mode(PgSslMode::VerifyFull),
        Setting::TlsVerified(Some(authority)) => options
            .ssl_mode(PgSslMode::VerifyFull)
            .ssl_root_cert_from_pem(authority.into()),
    };
    Postgres::new(PgPool::connect_lazy_with(options)).direct_connection()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_is_told() {
    let _alone = alone().await;
    let authority = Authority::new("ours");
    let tls = Server::start_tls(&authority.sign(&["127.0.0.1"]));
    let servers = Servers {
        plain: SERVER.address(),
        tls: tls.address(),
        authority: authority.pem(),
        wrong_password: &["authentication failed (28P01)", "user \"health\""],
        no_database: &["(3D000)", "\"nothing\" does not exist"],
        no_tls: &["authentication failed (28000)", "no encryption"],
    };
    failures::each_reason_is_told(servers, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deadpool_tells_each_reason_without_a_direct_connection() {
    const WRONG: &str = "wr0ng-s3cret";
    let _alone = alone().await;
    let authority = Authority::new("ours");
    let tls = Server::start_tls(&authority.sign(&["127.0.0.1"]));
    let dead = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let cases: [(&str, deadpool_postgres::Pool, &[&str]); 3] = [
        ("refused", deadpool(dead, 2), &["Connection refused"]),
        (
            "wrong password",
            deadpool_with(SERVER.address(), WRONG, 2),
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
    failures::a_pool_that_cannot_tell_says_so(&relay, check.clone()).await;
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
    failures::a_black_hole_costs_one_deadline_and_is_named(&relay, sqlx).await;
    let deadpool = DeadpoolPostgres::new(deadpool(relay.address(), 2)).direct_connection();
    failures::a_black_hole_costs_one_deadline_and_is_named(&relay, deadpool).await;
}
