//! One unit after the other.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;

use health_core::{CheckError, async_trait};

#[cfg(feature = "mysql")]
pub use self::mysql::MySqlLock;
#[cfg(feature = "postgres")]
pub use self::postgres::PostgresLock;

/// Lets one unit of an application at a time migrate.
#[async_trait]
pub trait MigrationLock: Send + Sync + 'static {
    /// Waits for the lock, which is given back when what is returned is dropped.
    ///
    /// The wait has no end of its own: the future is dropped when the deadline is over.
    ///
    /// # Errors
    /// Fails when the lock cannot be asked for; the attempt fails with it.
    async fn acquire(&self) -> Result<HeldLock, CheckError>;
}

/// A lock while it is held.
pub type HeldLock = Box<dyn Send>;
