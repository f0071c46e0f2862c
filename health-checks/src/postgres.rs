//! PostgreSQL over a pool of sqlx.

use std::{fmt, time::Duration};

use health_core::{Check, CheckResult, Scope, Status, async_trait};
use sqlx::PgPool;

use crate::sql::PostgresServer;

/// Checks that a PostgreSQL server answers a query over the application's own sqlx pool.
///
/// Details: `database`, `version`, `role` (`primary` or `replica`), `replicaLagMs` of a replica that
/// can tell, `validationQuery`, `result` of a query of your own, `acquireMs` until the pool gave a
/// connection (with sqlx's own ping), `queryMs` for the answers, `pool` with `size`, `idle` and
/// `max`, `error` unless UP.
///
/// A pool of which all connections are in use is
/// [`EXHAUSTED_POOL_STATUS`](crate::EXHAUSTED_POOL_STATUS), a server that does not answer is DOWN.
/// The pool alone cannot always tell: sqlx keeps trying where a server refuses, and only says that
/// its time is over. The error then says what is known;
/// [`direct_connection`](Self::direct_connection) finds out the rest.
///
/// Up to [`ACQUIRE_SHARE_PERCENT`](crate::ACQUIRE_SHARE_PERCENT) of its time the check waits for a
/// connection. Queries are sent in the simple protocol, so poolers such as PgBouncer may stand
/// between, and with a `statement_timeout` of their own, so none goes on when its time is over. A
/// connection on which something failed is closed and leaves the pool.
///
/// # Security
/// What the server says of an error shows in the details; the password and the connection string
/// show nowhere.
///
/// ```
/// use health_checks::Postgres;
/// use sqlx::PgPool;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sqlx::Error> {
/// let pool = PgPool::connect_lazy("postgres://orders@db/orders")?;
/// let check = Postgres::new(pool).require_primary().direct_connection();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    server: PostgresServer,
}

impl Postgres {
    /// Makes a check over the application's pool.
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            server: PostgresServer::default(),
        }
    }

    /// Asks a query of your own too, which has to return exactly one value: one row, one column,
    /// not NULL. The value shows as the detail `result`.
    #[must_use]
    pub fn query(mut self, query: impl Into<String>) -> Self {
        self.server.query = Some(query.into());
        self
    }

    /// When the pool gives no connection in time, opens one beside it with the same settings, and
    /// closes it: that tells a full pool from a server that is gone, and why it is.
    ///
    /// By default no connection is opened beside the pool.
    #[must_use]
    pub fn direct_connection(mut self) -> Self {
        self.server.direct_connection = true;
        self
    }

    /// Requires a server that is no standby; by default both will do.
    #[must_use]
    pub fn require_primary(mut self) -> Self {
        self.server.wanted.primary = true;
        self
    }

    /// Limits how far a standby may lag behind, inclusive; by default there is no limit.
    ///
    /// One that has replayed all that it received, and still receives, does not lag; for others
    /// the age of the last replayed transaction counts. A standby that cannot tell is over the
    /// limit.
    #[must_use]
    pub fn max_replica_lag(mut self, lag: Duration) -> Self {
        self.server.wanted.max_lag = Some(lag);
        self
    }

    /// Sets the status of a standby where a primary is required, or that lags too far behind;
    /// default [`REPLICA_STATUS`](crate::REPLICA_STATUS).
    #[must_use]
    pub fn replica_status(mut self, status: Status) -> Self {
        self.server.wanted.otherwise = status;
        self
    }
}

#[async_trait]
impl Check for Postgres {
    async fn check(&self) -> CheckResult {
        Ok(self.server.check(&self.pool).await)
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows what is asked, not the pool: its settings hold the password.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Postgres").field(&self.server).finish()
    }
}
