//! Why a server is DOWN.

use std::net::SocketAddr;

use check_testing::{Authority, Relay, servers::mariadb::MariaDb as Server};
use health_checks::MySql;
use sqlx::{MySqlPool, mysql::MySqlSslMode};

use crate::{
    SERVER, options, pool,
    sql::{
        alone, ask,
        failures::{self, Servers, Setting},
    },
};

fn check(address: SocketAddr, setting: Setting<'_>) -> MySql {
    let options = options(address);
    let options = match setting {
        Setting::Right => options,
        Setting::Host(host) => options.host(host),
        Setting::User(user) => options.username(user),
        Setting::Password(password) => options.password(password),
        Setting::Database(database) => options.database(database),
        Setting::TlsRequired => options.ssl_mode(MySqlSslMode::Required),
        Setting::TlsVerified(None) => options.ssl_mode(MySqlSslMode::VerifyIdentity),
        Setting::TlsVerified(Some(authority)) => options
            .ssl_mode(MySqlSslMode::VerifyIdentity)
            .ssl_ca_from_pem(authority.into()),
    };
    MySql::new(MySqlPool::connect_lazy_with(options)).direct_connection()
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
        wrong_password: &["authentication failed (28000)", "using password: YES"],
        no_database: &["(42000)", "nothing"],
        no_tls: &["authentication failed (28000)"],
    };
    failures::each_reason_is_told(servers, check).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_cannot_tell_says_so() {
    let _alone = alone().await;
    let relay = Relay::to(SERVER.address());
    let pool = pool(relay.address(), 2);
    let check = MySql::new(pool.clone());
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
    let check = MySql::new(pool(relay.address(), 2)).direct_connection();
    failures::a_black_hole_costs_one_deadline_and_is_named(&relay, check).await;
}
