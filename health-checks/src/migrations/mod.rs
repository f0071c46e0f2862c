//! Migrations of sqlx.

mod compare;

use std::{borrow::Borrow, fmt, sync::Arc};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};
use serde_json::{Value, json};
use sqlx::{
    Database, Error,
    migrate::{AppliedMigration, Migrate, MigrateError, Migrator},
};
use tokio::time::Instant;

use self::compare::{Comparison, Known, compare};
use crate::sql::{Failure, Findings, Held, Pool, Time, acquire, failure_of};

/// The status of a database that does not have all migrations of the application yet: it works, but
/// not for this version of the application.
pub const PENDING_MIGRATIONS_STATUS: Status = Status::OUT_OF_SERVICE;

/// The longest list of migrations that is shown.
const MAX_SHOWN: usize = 50;

/// What SQLSTATE calls a table that is not there: PostgreSQL, MySQL.
const NO_TABLE: [&str; 2] = ["42P01", "42S02"];

/// Checks that the database has all migrations of the application, unchanged, over its sqlx pool.
///
/// Details: `database`, `acquireMs` until the pool gave a connection, `queryMs` for the answers,
/// `pool` with `size`, `idle` and `max`, `error` unless UP; `applied` (how many), `latest` (the
/// highest version that is applied), `pending` (a list of `version` and `description`), `changed`
/// and `unknown` (lists of versions), `failed` (a version). Lists show up to 50 migrations.
///
/// Works with PostgreSQL, MySQL and SQLite, and looks at the table of the migrator only: it never
/// makes the table, runs a migration or takes sqlx's lock. As long as there is no table, all
/// migrations are pending. Pending migrations are [`PENDING_MIGRATIONS_STATUS`]. DOWN is what makes
/// [`Migrator::run`] fail: a migration that began and failed, one that was changed after it was
/// applied, and one that was applied but is not known here.
///
/// A pool of which all connections are in use is
/// [`EXHAUSTED_POOL_STATUS`](crate::EXHAUSTED_POOL_STATUS);
/// [`direct_connection`](Self::direct_connection) finds out whether the server is there.
///
/// While a new version of the application is rolled out, the old one sees migrations that it does
/// not know. Where those are made to suit both, call
/// [`set_ignore_missing`](Migrator::set_ignore_missing) on the migrator: they then only show.
///
/// ```
/// use health_checks::Migrations;
/// use sqlx::{PgPool, migrate::Migrator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// # let migrator = Migrator::with_migrations(Vec::new()); // in practice: sqlx::migrate!()
/// let pool = PgPool::connect_lazy("postgres://orders@db/orders")?;
/// let check = Migrations::new(pool, &migrator);
/// # Ok(())
/// # }
/// ```
pub struct Migrations<DB: Database> {
    pool: sqlx::Pool<DB>,
    known: Arc<Known>,
    direct_connection: bool,
}

impl<DB: Database> Migrations<DB> {
    /// Makes a check over the application's pool, of a migrator or of a reference to one.
    pub fn new(pool: sqlx::Pool<DB>, migrator: impl Borrow<Migrator>) -> Self {
        let known = Arc::new(Known::of(migrator.borrow()));
        Self {
            pool,
            known,
            direct_connection: false,
        }
    }

    /// When the pool gives no connection in time, opens one beside it with the same settings, and
    /// closes it: that tells a full pool from a server that is gone, and why it is.
    ///
    /// By default no connection is opened beside the pool.
    #[must_use]
    pub fn direct_connection(mut self) -> Self {
        self.direct_connection = true;
        self
    }
}

impl<DB: Database<Connection: Migrate>> Migrations<DB> {
    async fn compare(&self, findings: &mut Findings) -> Result<Comparison, Failure> {
        let time = Time::begin();
        let mut session = acquire(&self.pool, self.direct_connection, &time, findings).await?;
        let begin = Instant::now();
        let history = History::read(&mut session, &self.known.table);
        let history = time.within("answer to the query", history).await;
        findings.query = Some(begin.elapsed());
        let history = history?.map_err(failure_of)?;
        sqlx::Pool::give_back(session, &time).await;
        Ok(compare(&self.known, &history.applied, history.failed))
    }
}

/// What the table says.
#[derive(Default)]
struct History {
    applied: Vec<AppliedMigration>,
    failed: Option<i64>,
}

impl History {
    async fn read<DB: Database<Connection: Migrate>>(
        session: &mut Held<DB>,
        table: &str,
    ) -> Result<Self, Error> {
        let connection = session.connection()?;
        match connection.list_applied_migrations(table).await {
            Ok(applied) => {
                let failed = connection.dirty_version(table).await;
                Ok(Self {
                    applied,
                    failed: failed.map_err(cause)?,
                })
            }
            Err(error) => match cause(error) {
                Error::Database(answer)
                    if NO_TABLE.contains(&answer.code().unwrap_or_default().as_ref())
                        || answer.message().starts_with("no such table") =>
                {
                    Ok(Self::default())
                }
                error => Err(error),
            },
        }
    }
}

fn cause(error: MigrateError) -> Error {
    match error {
        MigrateError::Execute(error) => error,
        error => Error::from(error),
    }
}

impl Comparison {
    fn add_to(&self, health: Health) -> Health {
        let pending = self.pending.iter().take(MAX_SHOWN);
        let pending: Vec<Value> = pending
            .map(|(version, description)| json!({"version": version, "description": description}))
            .collect();
        let list = |versions: &[i64]| -> Option<Value> {
            let shown = versions.len().min(MAX_SHOWN);
            (shown > 0).then(|| Value::from(&versions[..shown]))
        };
        health
            .detail("applied", self.applied)
            .detail("latest", self.latest)
            .detail("pending", pending)
            .detail("changed", list(&self.changed))
            .detail("unknown", list(&self.unknown))
            .detail("failed", self.failed)
    }
}

#[async_trait]
impl<DB: Database<Connection: Migrate>> Check for Migrations<DB> {
    async fn check(&self) -> CheckResult {
        let mut findings = Findings {
            database: DB::NAME,
            ..Findings::default()
        };
        let compared = self.compare(&mut findings).await;
        let (comparison, outcome) = match compared {
            Ok(comparison) => {
                let outcome = comparison.outcome();
                (Some(comparison), outcome)
            }
            Err(failure) => (None, Err(failure)),
        };
        let health = findings.health(outcome, &self.pool.numbers());
        Ok(match comparison {
            Some(comparison) => comparison.add_to(health),
            None => health,
        })
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

impl<DB: Database> Clone for Migrations<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            known: Arc::clone(&self.known),
            direct_connection: self.direct_connection,
        }
    }
}

/// Shows what is compared, not the pool: its settings hold the password.
impl<DB: Database> fmt::Debug for Migrations<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Migrations")
            .field("database", &DB::NAME)
            .field("table", &self.known.table)
            .field("migrations", &self.known.migrations.len())
            .field("direct_connection", &self.direct_connection)
            .finish()
    }
}
