//! Why a server is DOWN.

use std::net::{Ipv4Addr, SocketAddr};

use check_testing::{Authority, Mode, Relay, free_port, servers::mariadb::MariaDb as Server};
use health_checks::MySql;
use sqlx::{
    MySqlPool,
    mysql::{MySqlConnectOptions, MySqlSslMode},
};

use crate::{
    SERVER, options, pool,
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
    let cases: [(&str, MySqlConnectOptions, &str, &[&str]); 8] = [
        (
            "ours",
            options(tls.address())
                .ssl_mode(MySqlSslMode::VerifyIdentity)
                .ssl_ca_from_pem(ours),
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
            &["authentication failed (28000)", "using password: YES"],
        ),
        (
            "no such database",
            options(there).database("nothing"),
            "DOWN",
            &["(42000)", "nothing"],
        ),
        (
            "unknown authority",
            options(tls.address()).ssl_mode(MySqlSslMode::VerifyCa),
            "DOWN",
            &["TLS failed", "UnknownIssuer"],
        ),
        (
            "TLS is required",
            options(tls.address()),
            "DOWN",
            &["authentication failed (28000)"],
        ),
        (
            "TLS is not spoken",
            options(there).ssl_mode(MySqlSslMode::Required),
            "DOWN",
            &["TLS failed: server does not support TLS"],
        ),
    ];
    for (name, options, status, error) in cases {
        let check = MySql::new(MySqlPool::connect_lazy_with(options)).direct_connection();
        let answer = ask(check).await;
        answer.assert(name, status, error);
        assert!(!answer.details.to_string().contains(WRONG), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_costs_one_deadline_and_is_named() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let check = MySql::new(pool(relay.address(), 2)).direct_connection();
    ask(check.clone()).await.assert("before", "UP", &[]);
    relay.set(Mode::BlackHole);
    for _ in 0..2 {
        let answer = ask(check.clone()).await;
        answer.assert(
            "black hole",
            "DOWN",
            &["no answer to a direct connection within"],
        );
        assert!(answer.took < DEADLINE * 3 / 2, "{answer}");
    }
    relay.set(Mode::Pass);
    ask(check).await.assert("mended", "UP", &[]);
}
