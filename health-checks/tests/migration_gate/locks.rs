//! Many units at once, with a real database between them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use check_testing::servers::{mariadb::MariaDb, postgres::Postgres};
use health_checks::{MigrationGate, MigrationLock, MigrationState, MySqlLock, PostgresLock};
use health_core::Status;
use sqlx::{MySqlPool, PgPool, mysql::MySqlConnectOptions, postgres::PgConnectOptions};

use crate::{SOON, detail, eventually, status};

/// Counts how many migrate at the same time.
#[derive(Default)]
struct Counted {
    running: AtomicU32,
    most: AtomicU32,
    done: AtomicU32,
}

fn unit(counted: &Arc<Counted>, lock: impl MigrationLock) -> MigrationState {
    let counted = Arc::clone(counted);
    let gate = MigrationGate::new(move || {
        let counted = Arc::clone(&counted);
        async move {
            let running = counted.running.fetch_add(1, Ordering::SeqCst) + 1;
            counted.most.fetch_max(running, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            counted.running.fetch_sub(1, Ordering::SeqCst);
            counted.done.fetch_add(1, Ordering::SeqCst);
            Ok::<_, std::io::Error>(())
        }
    });
    gate.lock(lock).start()
}

async fn assert_one_at_a_time(lock: impl Fn() -> Box<dyn MigrationLock>) {
    struct Boxed(Box<dyn MigrationLock>);

    #[health_core::async_trait]
    impl MigrationLock for Boxed {
        async fn acquire(&self) -> Result<health_checks::HeldLock, health_core::CheckError> {
            self.0.acquire().await
        }
    }

    let counted = Arc::new(Counted::default());
    let units: Vec<_> = (0..5).map(|_| unit(&counted, Boxed(lock()))).collect();
    for unit in &units {
        tokio::time::timeout(SOON, unit.done()).await.unwrap();
    }
    assert_eq!(counted.done.load(Ordering::SeqCst), 5);
    assert_eq!(counted.most.load(Ordering::SeqCst), 1);

    // One that dies with the lock gives it back.
    let held = lock().acquire().await.unwrap();
    let waiting = unit(&counted, Boxed(lock()));
    eventually("it waits", SOON, async || {
        detail(&waiting, "state").await == "locking"
    })
    .await;
    assert_eq!(status(&waiting).await, Status::OUT_OF_SERVICE);
    drop(held);
    tokio::time::timeout(SOON, waiting.done()).await.unwrap();
}

#[tokio::test]
async fn postgres_lets_one_after_the_other() {
    let server = Postgres::start(&[]);
    let options = PgConnectOptions::new()
        .host("127.0.0.1")
        .port(server.address().port())
        .username(Postgres::USER)
        .password(Postgres::PASSWORD)
        .database(Postgres::USER);
    let pool = PgPool::connect_lazy_with(options);
    assert_one_at_a_time(|| Box::new(PostgresLock::new(pool.clone(), "orders"))).await;
}

#[tokio::test]
async fn mariadb_lets_one_after_the_other() {
    let server = MariaDb::start(&[]);
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.address().port())
        .username(MariaDb::USER)
        .password(MariaDb::PASSWORD)
        .database(MariaDb::USER);
    let pool = MySqlPool::connect_lazy_with(options);
    assert_one_at_a_time(|| Box::new(MySqlLock::new(pool.clone(), "orders"))).await;
}

#[tokio::test]
async fn a_lock_that_cannot_be_had_fails_the_attempt_with_its_reason() {
    let nobody = format!(
        "postgres://u:s3cret@127.0.0.1:{}/d",
        check_testing::free_port()
    );
    let pool = PgPool::connect_lazy(&nobody).unwrap();
    let gate = unit(&Arc::default(), PostgresLock::new(pool, "orders"));
    eventually("it fails", SOON, async || {
        status(&gate).await == Status::DOWN
    })
    .await;
    let error = detail(&gate, "error").await;
    assert!(
        error.starts_with("the lock: ") && !error.contains("s3cret"),
        "{error}"
    );
}
