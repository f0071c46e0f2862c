//! SQLite over a pool of sqlx.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use health_core::{Check, CheckResult, Scope, async_trait};
use serde_json::Value;
use sqlx::SqlitePool;
use tokio::{task, time::Instant};

use crate::{
    flight::Flight,
    sql::{Failure, Findings, Held, Pool, Session, Time, acquire, one_row, one_value},
};

/// Reads the first page of the file, for which nobody else may hold it locked.
const FACTS: &str = "SELECT sqlite_version(), (SELECT count(*) FROM sqlite_master)";

/// What `PRAGMA quick_check` says of a sound file.
const SOUND: &str = "ok";

/// Checks that a SQLite database can be read over the application's own sqlx pool.
///
/// Details: `database`, `version`, `validationQuery`, `result` of a query of your own, `acquireMs`
/// until the pool gave a connection, `queryMs` for the answers, `pool` with `size`, `idle` and
/// `max`, `error` unless UP.
///
/// A file that is gone is DOWN, also while connections still hold it open, and is not made anew by
/// the check. So is one that others keep locked until the time of the check is over, or that is no
/// database. A file system that hangs is DOWN too, and holds one thread however often it is asked.
/// A pool of which all connections are in use is
/// [`EXHAUSTED_POOL_STATUS`](crate::EXHAUSTED_POOL_STATUS).
///
/// While the check asks, the `busy_timeout` of its connection is the time that is left; after that
/// it is what it was. A query that cannot be stopped keeps its connection until it ends.
///
/// ```
/// use health_checks::Sqlite;
/// use sqlx::SqlitePool;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let pool = SqlitePool::connect_lazy("sqlite:orders.db")?;
/// let check = Sqlite::new(pool).require_writable();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sqlite {
    pool: SqlitePool,
    questions: Questions,
    look: Arc<Flight<Result<(), String>>>,
}

/// What is asked on one connection.
#[derive(Clone, Debug, Default)]
struct Questions {
    query: Option<String>,
    writable: bool,
    quick_check: bool,
}

struct Answers {
    version: Option<String>,
    result: Option<Value>,
}

impl Sqlite {
    /// Makes a check over the application's pool.
    pub fn new(pool: SqlitePool) -> Self {
        Self {
            pool,
            questions: Questions::default(),
            look: Arc::new(Flight::new()),
        }
    }

    /// Asks a query of your own too, which has to return exactly one value: one row, one column,
    /// not NULL. The value shows as the detail `result`.
    #[must_use]
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.questions.query = Some(query.into());
        self
    }

    /// Requires that the database can be written: makes a table in a transaction that is rolled
    /// back. Each run holds the lock of the writer for a moment.
    ///
    /// By default a database that can only be read is UP.
    #[must_use]
    pub fn require_writable(mut self) -> Self {
        self.questions.writable = true;
        self
    }

    /// Has SQLite go through the whole file by `PRAGMA quick_check`, which takes long for a large
    /// one; by default only what is asked is read.
    #[must_use]
    pub fn quick_check(mut self) -> Self {
        self.questions.quick_check = true;
        self
    }

    async fn ask(&self, findings: &mut Findings) -> Result<(), Failure> {
        let time = Time::begin();
        if let Some(file) = self.file() {
            let looked = self.look.run(move || has_to_exist(&file)).await;
            let looked =
                looked.map_err(|none| Failure::down(format!("looking at the file: {none}")))?;
            looked.as_ref().as_ref().map_err(Failure::down)?;
        }
        let session = acquire(&self.pool, false, &time, findings).await?;
        let begin = Instant::now();
        // On a task of its own, which ends by itself: the connection gets its setting back also
        // when nobody waits for the answer any more.
        let asking = task::spawn(self.questions.clone().ask(session, time));
        let asked = time.within("answer to the query", asking).await;
        findings.query = Some(begin.elapsed());
        let asked = asked?.map_err(|error| Failure::down(error.to_string()))?;
        asked.map(|answers| {
            findings.version = answers.version;
            findings.result = answers.result;
        })
    }

    /// Returns the file of the database; one in memory has none.
    fn file(&self) -> Option<PathBuf> {
        let options = self.pool.connect_options();
        let file = options.get_filename();
        let is_memory = file.as_os_str().is_empty()
            || file.starts_with(":memory:")
            || file.to_string_lossy().starts_with("file:");
        (!is_memory).then(|| file.to_owned())
    }
}

fn has_to_exist(file: &Path) -> Result<(), String> {
    match file.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("there is no file `{}`", file.display())),
        Err(error) => Err(format!("cannot look at `{}`: {error}", file.display())),
    }
}

impl Questions {
    async fn ask(self, mut session: Held<sqlx::Sqlite>, time: Time) -> Result<Answers, Failure> {
        const BUSY_TIMEOUT: &str = "PRAGMA busy_timeout";
        let [before] = one_row(session.ask(BUSY_TIMEOUT.to_owned()).await?)?;
        let ours = time.for_server_ms();
        session.ask(format!("{BUSY_TIMEOUT} = {ours}")).await?;
        let answers = self.ask_on(&mut session).await;
        if let Some(before) = before {
            session.ask(format!("{BUSY_TIMEOUT} = {before}")).await?;
        }
        SqlitePool::give_back(session, &time).await;
        answers
    }

    async fn ask_on(&self, session: &mut Held<sqlx::Sqlite>) -> Result<Answers, Failure> {
        let [version, _] = one_row(session.ask(FACTS.to_owned()).await?)?;
        if self.quick_check {
            let rows = session.ask("PRAGMA quick_check(1)".to_owned()).await?;
            let [verdict] = one_row(rows)?;
            let verdict = verdict.unwrap_or_default();
            if verdict != SOUND {
                return Err(Failure::down(format!("the file is damaged: {verdict}")));
            }
        }
        if self.writable {
            let write = "BEGIN IMMEDIATE; CREATE TABLE health_checks_writable (x); ROLLBACK";
            let written = session.ask(write.to_owned()).await;
            if written.is_err() {
                // Fails where the transaction had not even begun.
                let _ = session.ask("ROLLBACK".to_owned()).await;
            }
            written?;
        }
        let result = match &self.query {
            Some(query) => Some(one_value(session.ask(query.clone()).await?)?),
            None => None,
        };
        Ok(Answers { version, result })
    }
}

#[async_trait]
impl Check for Sqlite {
    async fn check(&self) -> CheckResult {
        let query = self.questions.query.as_deref().unwrap_or(FACTS);
        let mut findings = Findings {
            database: "SQLite",
            validation_query: Some(query.to_owned()),
            ..Findings::default()
        };
        let outcome = self.ask(&mut findings).await;
        Ok(findings.health(outcome, &self.pool.numbers()))
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

/// Shows what is asked, not the pool: its settings may hold a key.
impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sqlite").field(&self.questions).finish()
    }
}
