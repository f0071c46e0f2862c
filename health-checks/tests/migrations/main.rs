//! Migrations, in each database that sqlx migrates.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../sql/mod.rs"]
mod sql;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use check_testing::{
    Folder, Mode, Relay, Subject, Suite, eventually,
    servers::{mariadb::MariaDb, postgres::Postgres},
};
use health_checks::Migrations;
use serde_json::json;
use sqlx::{
    MySqlPool, PgPool, SqlSafeStr, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    mysql::{MySqlConnectOptions, MySqlSslMode},
    postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
    sqlite::SqliteConnectOptions,
};

use crate::sql::{DEADLINE, ENOUGH, alone, ask, ask_in_vain, ask_within};

/// The migrations of the application: version, description, SQL.
const STEPS: [(i64, &str, &str); 3] = [
    (1, "orders", "CREATE TABLE orders (x INT)"),
    (2, "customers", "CREATE TABLE customers (x INT)"),
    (3, "bills", "CREATE TABLE bills (x INT)"),
];

fn migrator(steps: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = steps.iter().map(|&(version, description, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(
            version,
            description.into(),
            MigrationType::Simple,
            sql,
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

/// Goes through the life of a database; `$sql` changes it behind the migrator's back.
macro_rules! life {
    ($database:literal, $pool:expr, $sql:expr) => {{
        let (pool, sql) = ($pool, $sql);
        let check = |steps: &[_]| Migrations::new(pool.clone(), migrator(steps));

        let answer = ask(check(&STEPS)).await;
        answer.assert("empty", "OUT_OF_SERVICE", &["3 migrations are pending"]);
        assert_eq!(answer.details["database"], $database);
        assert_eq!(answer.details["applied"], 0);
        assert_eq!(answer.details["pending"][0], json!({"version": 1, "description": "orders"}));
        let answer = ask(check(&STEPS)).await;
        answer.assert("asked again", "OUT_OF_SERVICE", &["3 migrations are pending"]);
        sql("CREATE TABLE _sqlx_migrations (x INT)"); // fails where the check has made one
        let answer = ask(check(&STEPS)).await;
        answer.assert("another table", "DOWN", &["version"]);
        sql("DROP TABLE _sqlx_migrations");

        migrator(&STEPS[..2]).run(&pool).await.unwrap();
        let answer = ask(check(&STEPS[..2])).await;
        answer.assert("migrated", "UP", &[]);
        assert_eq!(answer.details["applied"], 2);
        assert_eq!(answer.details["latest"], 2);
        assert_eq!(answer.details["pending"], json!([]));
        let answer = ask(check(&STEPS)).await;
        answer.assert("one is new", "OUT_OF_SERVICE", &["1 migration is pending"]);
        let pending = json!([{"version": 3, "description": "bills"}]);
        assert_eq!(answer.details["pending"], pending);

        let answer = ask(check(&STEPS[..1])).await;
        answer.assert("rolled back here", "DOWN", &["the database has migration 2, which"]);
        assert_eq!(answer.details["unknown"], json!([2]));
        let mut tolerant = migrator(&STEPS[..1]);
        tolerant.set_ignore_missing(true);
        let answer = ask(Migrations::new(pool.clone(), &tolerant)).await;
        answer.assert("tolerant", "UP", &[]);
        assert_eq!(answer.details["unknown"], json!([2]));

        let mut changed = STEPS;
        changed[0].2 = "CREATE TABLE orders (x INT, y INT)";
        let answer = ask(check(&changed)).await;
        answer.assert("changed", "DOWN", &["migration 1 is not the one that was applied"]);
        assert_eq!(answer.details["changed"], json!([1]));

        sql("UPDATE _sqlx_migrations SET success = false WHERE version = 2");
        let answer = ask(check(&STEPS)).await;
        answer.assert("dirty", "DOWN", &["migration 2 failed half-way"]);
        assert_eq!(answer.details["failed"], 2);
        assert_eq!(answer.details["applied"], 1);
        sql("UPDATE _sqlx_migrations SET success = true WHERE version = 2");
        ask(check(&STEPS[..2])).await.assert("mended", "UP", &[]);

        let mut elsewhere = migrator(&STEPS[..2]);
        elsewhere.dangerous_set_table_name("elsewhere");
        let answer = ask(Migrations::new(pool.clone(), elsewhere)).await;
        answer.assert("another name", "OUT_OF_SERVICE", &["2 migrations are pending"]);
    }};
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_postgres_database() {
    let _alone = alone().await;
    let server = Postgres::start(&[]);
    let pool = PgPool::connect_lazy_with(postgres_options(server.address()));
    life!("PostgreSQL", pool.clone(), |sql| drop(server.query(sql)));

    // Whoever migrates holds sqlx's lock: the check does not wait for it.
    let mut migrating = pool.acquire().await.unwrap();
    sqlx::migrate::Migrate::lock(&mut *migrating).await.unwrap();
    let check = Migrations::new(pool.clone(), migrator(&STEPS[..2]));
    ask(check).await.assert("locked", "UP", &[]);
    sqlx::migrate::Migrate::unlock(&mut *migrating)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_mariadb_database() {
    let _alone = alone().await;
    let server = MariaDb::start(&[]);
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.address().port())
        .username(MariaDb::USER)
        .password(MariaDb::PASSWORD)
        .database(MariaDb::USER)
        .ssl_mode(MySqlSslMode::Disabled);
    let pool = MySqlPool::connect_lazy_with(options);
    life!("MySQL", pool.clone(), |sql| drop(server.query(sql)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_sqlite_database() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite-migrations");
    let options = SqliteConnectOptions::new().filename(folder.file("orders.db"));
    let pool = SqlitePool::connect_lazy_with(options.create_if_missing(true));
    let other = pool.clone();
    let sql = |sql: &'static str| {
        tokio::task::block_in_place(|| {
            let run = sqlx::raw_sql(sql).execute(&other);
            let _ = tokio::runtime::Handle::current().block_on(run).unwrap();
        });
    };
    life!("SQLite", pool.clone(), sql);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_told_apart_from_a_server_that_is_gone() {
    let _alone = alone().await;
    let server = Postgres::start(&[]);
    let relay = Relay::to(server.address());
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_lazy_with(postgres_options(relay.address()));
    let taken = pool.acquire().await.unwrap();
    let check = Migrations::new(pool, migrator(&[]));
    let direct = check.clone().direct_connection();
    let full = "the pool is exhausted: all 1 connections";
    let unasked = "nobody asked whether the server answers";
    let answer = ask_in_vain(check).await;
    answer.assert("not asked", "OUT_OF_SERVICE", &[full, unasked]);
    let answer = ask_within(direct.clone(), ENOUGH).await;
    let there = "the server answers a direct connection";
    answer.assert("server there", "OUT_OF_SERVICE", &[full, there]);
    relay.set(Mode::Refuse);
    let answer = ask_within(direct.clone(), ENOUGH).await;
    answer.assert("server gone", "DOWN", &["Connection refused", full]);
    relay.set(Mode::Pass);
    drop(taken);
    let settles = Duration::from_secs(10);
    let is_up = async || ask(direct.clone()).await.status == "UP";
    eventually("it recovers", settles, is_up).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_of_postgres_pass_the_suite() {
    const WRONG: &str = "wr0ng-s3cret";
    let _alone = alone().await;
    let mut server = Postgres::start(&[]);
    let address = server.address();
    let pool = PgPool::connect_lazy_with(postgres_options(address));
    migrator(&STEPS).run(&pool).await.unwrap();
    pool.close().await;
    let check = async |address: SocketAddr| -> Arc<dyn Subject> {
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy_with(postgres_options(address));
        let check: Arc<dyn Subject> = Arc::new(Migrations::new(pool, migrator(&STEPS)));
        check
    };
    let wrong = PgPool::connect_lazy_with(postgres_options(address).password(WRONG));
    Suite::new(address, check)
        .deadline(DEADLINE)
        .secret(Postgres::PASSWORD)
        .secret(WRONG)
        .down("wrong password", Migrations::new(wrong, migrator(&STEPS)))
        .restart(&mut server)
        .run()
        .await;
}

fn postgres_options(address: SocketAddr) -> PgConnectOptions {
    PgConnectOptions::new()
        .host("127.0.0.1")
        .port(address.port())
        .username(Postgres::USER)
        .password(Postgres::PASSWORD)
        .database(Postgres::USER)
        .ssl_mode(PgSslMode::Disable)
}
