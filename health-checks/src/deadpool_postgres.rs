//! PostgreSQL over a pool of deadpool-postgres.

use deadpool_postgres::Pool;

use crate::sql::{PostgresServer, postgres_check};

/// Checks that a PostgreSQL server answers a query over the application's own deadpool-postgres pool.
///
/// Details: `database`, `version`, `role` (`primary` or `replica`), `replicaLagMs` of a replica that
/// can tell, `validationQuery`, `result` of a query of your own, `acquireMs` until the pool gave a
/// connection, `queryMs` for the answers, `pool` with `size`, `idle` and `max`, `error` unless UP.
///
/// A pool of which all connections are in use is
/// [`EXHAUSTED_POOL_STATUS`](crate::EXHAUSTED_POOL_STATUS), a server that does not answer is DOWN.
/// [`direct_connection`](Self::direct_connection) finds out whether the server of a full pool is
/// there.
///
/// Up to [`ACQUIRE_SHARE_PERCENT`](crate::ACQUIRE_SHARE_PERCENT) of its time the check waits for a
/// connection. Queries are sent in the simple protocol, so poolers such as PgBouncer may stand
/// between, and with a `statement_timeout` of their own, so none goes on when its time is over. A
/// connection on which something failed is closed and leaves the pool. TLS is the pool's own.
///
/// # Security
/// What the server says of an error shows in the details; the password and the connection string
/// show nowhere.
///
/// ```
/// use deadpool_postgres::{Manager, Pool};
/// use health_checks::DeadpoolPostgres;
/// use tokio_postgres::NoTls;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let settings = "postgres://orders@db/orders".parse()?;
/// let pool = Pool::builder(Manager::new(settings, NoTls)).build()?;
/// let check = DeadpoolPostgres::new(pool).require_primary();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DeadpoolPostgres {
    pool: Pool,
    server: PostgresServer,
}

postgres_check!(DeadpoolPostgres, Pool);
