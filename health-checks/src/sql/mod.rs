//! What the checks of databases have in common: how they come by a connection, how much time each
//! step gets, and what they tell.

#[cfg(feature = "deadpool-postgres")]
mod deadpool_pool;
mod failure;
mod findings;
mod pool;
#[cfg(feature = "_postgres")]
mod postgres_check;
#[cfg(feature = "_postgres")]
mod postgres_server;
#[cfg(feature = "_role")]
mod role;
#[cfg(feature = "_query")]
mod rows;
#[cfg(feature = "_sqlx")]
mod sqlx_pool;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod sqlx_session;
mod time;

pub use self::pool::{ACQUIRE_SHARE_PERCENT, EXHAUSTED_POOL_STATUS};
#[cfg(feature = "_role")]
pub use self::role::REPLICA_STATUS;
#[cfg(feature = "_role")]
pub(crate) use self::role::{Role, Wanted};
#[cfg(feature = "_query")]
pub(crate) use self::rows::{MAX_ROWS, Rows, Session, one_row, one_value};
#[cfg(any(feature = "migrations", feature = "mysql", feature = "sqlite"))]
pub(crate) use self::sqlx_pool::Held;
#[cfg(all(
    feature = "migration-gate",
    any(feature = "mysql", feature = "postgres")
))]
pub(crate) use self::sqlx_pool::choose_provider;
#[cfg(feature = "migrations")]
pub(crate) use self::sqlx_pool::failure_of;
pub(crate) use self::{
    failure::Failure,
    findings::Findings,
    pool::{Numbers, Pool, Refusal, acquire},
    time::Time,
};
#[cfg(feature = "_postgres")]
pub(crate) use self::{postgres_check::postgres_check, postgres_server::PostgresServer};
