//! MySQL and MariaDB over a pool of sqlx.

use std::fmt;

use health_core::{Check, CheckResult, Scope, Status, async_trait};
use sqlx::MySqlPool;
use tokio::time::Instant;

use crate::sql::{
    Failure, Findings, Held, Pool, Role, Session, Time, Wanted, acquire, one_row, one_value,
};

/// Asks every server.
const FACTS: &str = "SELECT @@version, @@GLOBAL.read_only";

/// Checks that a MySQL or MariaDB server answers a query over the application's own sqlx pool.
///
/// Details: `database` (`MySQL` or `MariaDB`), `version`, `role` (`replica` when the server is
/// `read_only`, else `primary`), `validationQuery`, `result` of a query of your own, `acquireMs`
/// until the pool gave a connection (with sqlx's own ping), `queryMs` for the answers, `pool` with
/// `size`, `idle` and `max`, `error` unless UP.
///
/// A pool of which all connections are in use is
/// [`EXHAUSTED_POOL_STATUS`](crate::EXHAUSTED_POOL_STATUS), a server that does not answer is DOWN.
/// The pool alone cannot always tell: sqlx keeps trying where a server refuses, and only says that
/// its time is over. The error then says what is known;
/// [`direct_connection`](Self::direct_connection) finds out the rest.
///
/// Up to [`ACQUIRE_SHARE_PERCENT`](crate::ACQUIRE_SHARE_PERCENT) of its time the check waits for a
/// connection. The server ends a query of your own when its time is over: any with MariaDB, a
/// `SELECT` with MySQL. A connection on which something failed is closed and leaves the pool.
///
/// MariaDB, where it requires TLS, refuses a connection without it as it refuses a wrong password:
/// the error then tells of authentication.
///
/// # Security
/// What the server says of an error shows in the details; the password and the connection string
/// show nowhere.
///
/// ```
/// use health_checks::MySql;
/// use sqlx::MySqlPool;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let pool = MySqlPool::connect_lazy("mysql://orders@db/orders")?;
/// let check = MySql::new(pool).query("SELECT count(*) FROM queue").direct_connection();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MySql {
    pool: MySqlPool,
    query: Option<String>,
    direct_connection: bool,
    wanted: Wanted,
}

impl MySql {
    /// Makes a check over the application's pool.
    pub fn new(pool: MySqlPool) -> Self {
        Self {
            pool,
            query: None,
            direct_connection: false,
            wanted: Wanted::default(),
        }
    }

    /// Asks a query of your own too, which has to return exactly one value: one row, one column,
    /// not NULL. The value shows as the detail `result`.
    #[must_use]
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.query = Some(query.into());
        self
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

    /// Requires a server that is not `read_only`; by default both will do.
    #[must_use]
    pub fn require_primary(mut self) -> Self {
        self.wanted.primary = true;
        self
    }

    /// Sets the status of a server that is `read_only` where a primary is required; default
    /// [`REPLICA_STATUS`](crate::REPLICA_STATUS).
    #[must_use]
    pub fn replica_status(mut self, status: Status) -> Self {
        self.wanted.otherwise = status;
        self
    }

    async fn ask(&self, findings: &mut Findings) -> Result<(), Failure> {
        let time = Time::begin();
        let mut session = acquire(&self.pool, self.direct_connection, &time, findings).await?;
        let begin = Instant::now();
        let queries = self.ask_on(&mut session, &time, findings);
        let answered = time.within("answer to the query", queries).await.flatten();
        findings.query = Some(begin.elapsed());
        let role = answered?;
        MySqlPool::give_back(session, &time).await;
        self.wanted.judge(role, None)
    }

    async fn ask_on(
        &self,
        session: &mut Held<sqlx::MySql>,
        time: &Time,
        findings: &mut Findings,
    ) -> Result<Role, Failure> {
        let [version, read_only] = one_row(session.ask(FACTS.to_owned()).await?)?;
        // MariaDB 12 has words for it, of which all but one forbid something.
        let role = match read_only.as_deref() {
            Some("0" | "OFF") => Role::Primary,
            _ => Role::Replica,
        };
        let is_mariadb = version.as_deref().is_some_and(is_mariadb);
        if is_mariadb {
            findings.database = "MariaDB";
        }
        findings.version = version;
        findings.role = Some(role.name());
        if let Some(query) = &self.query {
            let limited = limited(query, is_mariadb, time.for_server_ms());
            findings.result = Some(one_value(session.ask(limited).await?)?);
        }
        Ok(role)
    }
}

fn is_mariadb(version: &str) -> bool {
    version.to_ascii_lowercase().contains("mariadb")
}

/// Has the server end a query by itself, without a setting that stays with the connection.
/// Source: MariaDB, SET STATEMENT; MySQL 8.4 reference 10.9.3.
fn limited(query: &str, is_mariadb: bool, ms: u128) -> String {
    const SELECT: &str = "SELECT";
    if is_mariadb {
        let (seconds, rest) = (ms / 1000, ms % 1000);
        return format!("SET STATEMENT max_statement_time = {seconds}.{rest:03} FOR {query}");
    }
    match query.trim_start().split_at_checked(SELECT.len()) {
        Some((verb, rest)) if verb.eq_ignore_ascii_case(SELECT) => {
            format!("{SELECT} /*+ MAX_EXECUTION_TIME({ms}) */{rest}")
        }
        _ => query.to_owned(),
    }
}

#[async_trait]
impl Check for MySql {
    async fn check(&self) -> CheckResult {
        let mut findings = Findings {
            database: "MySQL",
            validation_query: Some(self.query.as_deref().unwrap_or(FACTS).to_owned()),
            ..Findings::default()
        };
        let outcome = self.ask(&mut findings).await;
        Ok(findings.health(outcome, &self.pool.numbers()))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows what is asked, not the pool: its settings hold the password.
impl fmt::Debug for MySql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySql")
            .field("query", &self.query)
            .field("direct_connection", &self.direct_connection)
            .field("wanted", &self.wanted)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_told_when_to_end_a_query() {
        let cases = [
            (
                "mariadb",
                "DELETE FROM t",
                true,
                "SET STATEMENT max_statement_time = 1.005 FOR DELETE FROM t",
            ),
            (
                "mysql",
                " select 1",
                false,
                "SELECT /*+ MAX_EXECUTION_TIME(1005) */ 1",
            ),
            ("mysql, other", "SHOW STATUS", false, "SHOW STATUS"),
            ("short", "ä", false, "ä"),
            ("no boundary", "SELECä 1", false, "SELECä 1"),
        ];
        for (name, query, is_mariadb, expected) in cases {
            assert_eq!(limited(query, is_mariadb, 1005), expected, "{name}");
        }
    }
}
