//! The database that the platform gave to the application.

use std::time::Duration;

use health_checks::{
    MigrationGate, PostgresLock,
    platform::{ConnectString, Environment, Kind},
};
use sqlx::{
    PgPool, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::BoxError;

const ORDERS: &str = include_str!("../migrations/0001_orders.sql");

const VARIABLE: &str = "POSTGRESQL_DB_CONNECT_STRING";

/// All units take the same lock.
const LOCK: &str = "example-charm";

/// How soon a migration that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// How often a migration that is asked for by hand is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

const MAX_CONNECTIONS: u32 = 5;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// Makes the pool; nothing is connected to yet.
pub(crate) fn pool(environment: &Environment) -> Result<PgPool, BoxError> {
    let integration = environment.integration(Kind::PostgreSql);
    let connect = integration.and_then(|integration| integration.connect_string());
    let connect = connect.ok_or_else(|| absence(environment))?;
    let pool = PgPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT);
    Ok(pool.connect_lazy_with(options(connect)?))
}

/// Says why there is no database: nobody has named one, or what was named cannot be read.
fn absence(environment: &Environment) -> String {
    let mut problems = environment.problems().iter();
    let problem = problems.find(|problem| problem.variable() == VARIABLE);
    problem.map_or_else(
        || "missing integrations: postgresql".to_owned(),
        ToString::to_string,
    )
}

/// Takes the first host: the platform names the primary first.
fn options(connect: &ConnectString) -> Result<PgConnectOptions, BoxError> {
    let host = connect.hosts().first().ok_or("the database has no host")?;
    let mut options = PgConnectOptions::new_without_pgpass().host(host.name());
    if let Some(port) = host.port() {
        options = options.port(port);
    }
    if let Some(user) = connect.user() {
        options = options.username(user);
    }
    if let Some(password) = connect.password() {
        options = options.password(password.expose());
    }
    if let Some(database) = connect.database() {
        options = options.database(database);
    }
    if let Some(mode) = connect.parameter("sslmode") {
        options = options.ssl_mode(mode.parse()?);
    }
    Ok(options)
}

/// Migrates before the application is ready, one unit after the other.
pub(crate) fn gate(pool: &PgPool) -> MigrationGate {
    let lock = PostgresLock::new(pool.clone(), LOCK);
    let pool = pool.clone();
    MigrationGate::new(move || {
        let pool = pool.clone();
        async move { migrator().run(&pool).await }
    })
    .lock(lock)
    .retry_after(RETRY_AFTER)
}

/// Migrates once, for `migrate.sh`; it listens on nothing.
pub(crate) async fn migrate_once(environment: Environment) -> Result<(), BoxError> {
    let gate = gate(&pool(&environment)?).start();
    while !gate.is_done() {
        if let Some(error) = gate.last_error() {
            return Err(format!("the migration failed: {error}").into());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Without the migrator's own lock: after a failure a connection of the pool would keep it, and the
/// next attempt wait for it on another one.
fn migrator() -> Migrator {
    let mut migrator = Migrator::with_migrations(vec![Migration::new(
        1,
        "orders".into(),
        MigrationType::Simple,
        ORDERS.into_sql_str(),
        false,
    )]);
    migrator.set_locking(false);
    migrator
}
