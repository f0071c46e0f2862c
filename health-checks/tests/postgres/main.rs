//! PostgreSQL over both kinds of pool, against real servers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod cancelled;
mod exhausted;
mod failures;
mod replica;
#[path = "../sql/mod.rs"]
mod sql;
mod suite;

use std::{net::SocketAddr, sync::LazyLock};

use check_testing::servers::postgres::Postgres as Server;
use deadpool_postgres::Manager;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
};
use tokio_postgres::NoTls;

/// The server of the tests that do not kill it.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(&[]));

fn options(address: SocketAddr) -> PgConnectOptions {
    PgConnectOptions::new()
        .host("127.0.0.1")
        .port(address.port())
        .username(Server::USER)
        .password(Server::PASSWORD)
        .database(Server::USER)
        .ssl_mode(PgSslMode::Disable)
        .application_name("checked")
}

fn pool(address: SocketAddr, max: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(max)
        .connect_lazy_with(options(address))
}

fn deadpool(address: SocketAddr, max: usize) -> deadpool_postgres::Pool {
    deadpool_with(address, Server::PASSWORD, max)
}

fn deadpool_with(address: SocketAddr, password: &str, max: usize) -> deadpool_postgres::Pool {
    let mut settings = tokio_postgres::Config::new();
    settings
        .host("127.0.0.1")
        .port(address.port())
        .user(Server::USER)
        .password(password)
        .dbname(Server::USER)
        .application_name("checked");
    deadpool_postgres::Pool::builder(Manager::new(settings, NoTls))
        .max_size(max)
        .build()
        .unwrap()
}

/// Counts the connections of the pools under test that the server has.
fn backends() -> usize {
    let count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'checked'";
    SERVER.query(count).parse().unwrap()
}
