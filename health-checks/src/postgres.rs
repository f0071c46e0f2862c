//! PostgreSQL over a pool of sqlx.

use sqlx::PgPool;

use crate::sql::{PostgresServer, postgres_check};

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

postgres_check!(Postgres, PgPool);
