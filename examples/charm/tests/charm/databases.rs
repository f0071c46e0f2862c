//! A PostgreSQL server for all tests that do not kill it, with a database for each.

use std::sync::LazyLock;

use check_testing::servers::postgres::Postgres;

/// The server; its own database is used by one test only.
pub(crate) static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start(&[]));

/// Makes an empty database and returns its connect string.
pub(crate) fn empty(name: &str) -> String {
    SERVER.query(&format!("CREATE DATABASE {name}"));
    connect_string(&SERVER, name)
}

/// Returns what a platform hands out for a database.
pub(crate) fn connect_string(server: &Postgres, database: &str) -> String {
    let (user, password) = (Postgres::USER, Postgres::PASSWORD);
    format!(
        "postgresql://{user}:{password}@{}/{database}",
        server.address()
    )
}
