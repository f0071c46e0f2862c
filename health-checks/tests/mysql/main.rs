//! MariaDB, against real servers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod answers;
mod failures;
mod pool;
#[path = "../sql/mod.rs"]
mod sql;
mod suite;

use std::{net::SocketAddr, sync::LazyLock};

use check_testing::servers::mariadb::MariaDb as Server;
use sqlx::{
    MySqlPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode},
};

/// The server of the tests that do not kill it.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(&[]));

fn options(address: SocketAddr) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(address.port())
        .username(Server::USER)
        .password(Server::PASSWORD)
        .database(Server::USER)
        .ssl_mode(MySqlSslMode::Disabled)
}

fn pool(address: SocketAddr, max: u32) -> MySqlPool {
    MySqlPoolOptions::new()
        .max_connections(max)
        .connect_lazy_with(options(address))
}

/// Counts the connections of the pools under test that the server has.
fn threads() -> usize {
    let count = "SELECT count(*) FROM information_schema.processlist WHERE user = 'health'";
    SERVER.query(count).parse().unwrap()
}
