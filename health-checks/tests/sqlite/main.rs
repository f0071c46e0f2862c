//! SQLite, with files that something is wrong with.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "../sql/mod.rs"]
mod sql;

use std::{
    fs::{self, OpenOptions},
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

use check_testing::{Folder, eventually};
use health_checks::Sqlite;
use health_core::{Check, Status};
use serde_json::{Value, json};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use tokio::time::timeout;

use crate::sql::{DEADLINE, alone, ask, ask_in_vain};

const SETTLES: Duration = Duration::from_secs(10);

fn options(file: impl AsRef<Path>) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file)
}

fn pool(options: SqliteConnectOptions, max: u32) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(max)
        .connect_lazy_with(options)
}

/// Makes a database with a table of many pages.
async fn database(folder: &Folder) -> String {
    let file = folder.file("orders.db");
    let pool = pool(options(&file).create_if_missing(true), 1);
    let fill = "CREATE TABLE orders (note TEXT); \
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
                INSERT INTO orders SELECT hex(randomblob(100)) FROM n";
    sqlx::raw_sql(fill).execute(&pool).await.unwrap();
    pool.close().await;
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn details_are_those_of_spring_and_ours() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    let pool = pool(options(database(&folder).await), 3);
    let everything = Sqlite::new(pool)
        .query("SELECT count(*) FROM orders")
        .quick_check()
        .require_writable();
    let answer = ask(everything).await;
    answer.assert("all", "UP", &[]);
    assert_eq!(answer.details["database"], "SQLite");
    assert!(
        answer.details["version"]
            .as_str()
            .unwrap()
            .starts_with("3.")
    );
    assert_eq!(
        answer.details["validationQuery"],
        "SELECT count(*) FROM orders"
    );
    assert_eq!(answer.details["result"], json!(1000));
    assert!(answer.details["acquireMs"].is_u64() && answer.details["queryMs"].is_u64());
    assert_eq!(answer.details["pool"]["max"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_of_ones_own_has_to_return_one_value() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    let pool = pool(options(database(&folder).await), 1);
    let cases = [
        ("text", "SELECT 'hello'", Ok(json!("hello"))),
        ("real", "SELECT 1.5", Ok(json!("1.5"))),
        ("no row", "SELECT 1 WHERE 0", Err("returned no row")),
        ("NULL", "SELECT NULL", Err("returned NULL")),
        ("columns", "SELECT 1, 2", Err("2 columns")),
        ("rows", "SELECT note FROM orders", Err("more than one row")),
        (
            "no table",
            "SELECT 1 FROM nowhere",
            Err("error 1: no such table: nowhere"),
        ),
    ];
    for (name, query, expected) in cases {
        let answer = ask(Sqlite::new(pool.clone()).query(query)).await;
        match expected {
            Ok(value) => {
                answer.assert(name, "UP", &[]);
                assert_eq!(answer.details["result"], value, "{name}");
            }
            Err(part) => {
                answer.assert(name, "DOWN", &[part]);
                assert_eq!(answer.details["result"], Value::Null, "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_file_is_down_until_it_is_free() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    let file = database(&folder).await;
    let pool = pool(options(&file).busy_timeout(Duration::from_secs(600)), 1);
    let check = Sqlite::new(pool.clone());
    ask(check.clone()).await.assert("before", "UP", &[]);

    let other = self::pool(options(&file), 1);
    let mut locked = other.acquire().await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE")
        .execute(&mut *locked)
        .await
        .unwrap();
    let answer = ask_in_vain(check.clone()).await;
    answer.assert("locked", "DOWN", &["error 5: database is locked"]);
    assert!(answer.took < DEADLINE * 3 / 2, "{answer}");
    sqlx::raw_sql("ROLLBACK")
        .execute(&mut *locked)
        .await
        .unwrap();
    ask(check.clone()).await.assert("free", "UP", &[]);

    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut *locked)
        .await
        .unwrap();
    ask(check.clone()).await.assert("another writes", "UP", &[]);
    let answer = ask_in_vain(check.require_writable()).await;
    answer.assert("writable", "DOWN", &["error 5: database is locked"]);

    let setting: i64 = sqlx::query_scalar("PRAGMA busy_timeout")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(setting, 600_000, "the setting of the application is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_used_is_down() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    let file = database(&folder).await;

    let missing = folder.file("missing.db");
    let creating = pool(options(&missing).create_if_missing(true), 1);
    let answer = ask(Sqlite::new(creating)).await;
    answer.assert("missing", "DOWN", &["there is no file", "missing.db"]);
    assert!(!Path::new(&missing).exists(), "the check made the file");

    let text = folder.write("text.db", &"this is no database ".repeat(100));
    let answer = ask(Sqlite::new(pool(options(text), 1))).await;
    answer.assert("text", "DOWN", &["error 26: file is not a database"]);

    let is_a_folder = pool(options(folder.path()), 1);
    let answer = ask(Sqlite::new(is_a_folder)).await;
    answer.assert(
        "folder",
        "DOWN",
        &["error 14: unable to open database file"],
    );

    let read_only = Sqlite::new(pool(options(&file).read_only(true), 1));
    ask(read_only.clone()).await.assert("read-only", "UP", &[]);
    let answer = ask(read_only.require_writable()).await;
    let error = ["error 8: attempt to write a readonly database"];
    answer.assert("read-only, to be written", "DOWN", &error);

    // Damage beyond the first page is found by those who look for it.
    let mut damaged = OpenOptions::new().write(true).open(&file).unwrap();
    damaged.seek(SeekFrom::Start(3 * 4096)).unwrap();
    damaged.write_all(&[0xa5; 4096]).unwrap();
    let check = Sqlite::new(pool(options(&file), 1));
    ask(check.clone())
        .await
        .assert("damaged, not looked for", "UP", &[]);
    let answer = ask(check.quick_check()).await;
    assert_eq!(answer.status, "DOWN", "{answer}");
    assert!(
        answer.error().starts_with("the file is damaged: ") || answer.error().contains("error 11"),
        "{answer}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_removed_under_an_open_pool_is_down() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    let file = database(&folder).await;
    let check = Sqlite::new(pool(options(&file), 1));
    ask(check.clone()).await.assert("before", "UP", &[]);
    fs::remove_file(&file).unwrap();
    ask(check)
        .await
        .assert("removed", "DOWN", &["there is no file"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_memory_survives_failures() {
    let _alone = alone().await;
    let pool = pool("sqlite::memory:".parse().unwrap(), 1);
    sqlx::raw_sql("CREATE TABLE kept (x)")
        .execute(&pool)
        .await
        .unwrap();
    let check = Sqlite::new(pool.clone());
    ask(check.clone()).await.assert("memory", "UP", &[]);
    let answer = ask(check.clone().query("SELECT 1 FROM nowhere")).await;
    answer.assert("error", "DOWN", &["no such table"]);
    let slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) \
                SELECT count(*) FROM n";
    let slow = check.clone().query(slow);
    let _ = timeout(Duration::from_millis(20), slow.check()).await;
    eventually("the connection is back", SETTLES, async || {
        ask(check.clone().query("SELECT count(*) FROM kept"))
            .await
            .status
            == "UP"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_out_of_service() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    let pool = pool(options(database(&folder).await), 1);
    let taken = pool.acquire().await.unwrap();
    let check = Sqlite::new(pool.clone());
    let answer = ask_in_vain(check.clone()).await;
    let error = ["the pool is exhausted: all 1 connections"];
    answer.assert("full", "OUT_OF_SERVICE", &error);
    drop(taken);
    ask(check).await.assert("given back", "UP", &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_and_many_that_are_dropped_leave_nothing() {
    let _alone = alone().await;
    let folder = Folder::new("sqlite");
    // With a write-ahead log SQLite itself keeps the descriptors of closed connections, to use them
    // again, as long as any connection is open.
    let options = options(database(&folder).await).journal_mode(SqliteJournalMode::Delete);
    let pool = pool(options, 2);
    let check = Sqlite::new(pool.clone()).require_writable();
    for number in 0..1000_u64 {
        if number % 5 == 0 {
            let after = Duration::from_micros(number);
            let _ = timeout(after, check.check()).await;
        } else {
            let health = timeout(DEADLINE, check.check()).await.unwrap().unwrap();
            assert_eq!(*health.status(), Status::UP, "{health:?}");
        }
    }
    eventually("all are idle", SETTLES, async || {
        usize::try_from(pool.size()).unwrap() == pool.num_idle()
    })
    .await;
    // One that was given up while it was opened is closed by its own thread.
    eventually("descriptors are closed", SETTLES, async || {
        let open = fs::read_dir("/proc/self/fd").unwrap().flatten();
        let files = open.filter_map(|fd| fs::read_link(fd.path()).ok());
        files.filter(|file| file.ends_with("orders.db")).count() <= 2
    })
    .await;
    let timeouts: i64 = sqlx::query_scalar("PRAGMA busy_timeout")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(timeouts, 5000, "the setting of the application is lost");
}
