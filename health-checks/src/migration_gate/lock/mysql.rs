//! A named lock of MySQL and MariaDB.

use health_core::{CheckError, async_trait};
use sqlx::{ConnectOptions, MySqlPool};

use super::{HeldLock, MigrationLock};
use crate::sql::choose_provider;

/// How long the server waits, in seconds: longer than any deadline, since that ends the wait.
const WAIT_SECONDS: i64 = 365 * 24 * 60 * 60;

/// The longest name of a lock, in characters.
///
/// Source: MySQL Reference Manual, "Locking Functions".
const MAX_NAME: usize = 64;

/// A lock by `GET_LOCK`, on a connection of its own outside of the pool: a unit that dies gives it
/// back.
#[derive(Clone, Debug)]
pub struct MySqlLock {
    pool: MySqlPool,
    name: String,
}

impl MySqlLock {
    /// Makes a lock by a name, of which the first 64 characters count; all units have to give it
    /// the same one.
    pub fn new(pool: MySqlPool, name: &str) -> Self {
        Self {
            pool,
            name: name.chars().take(MAX_NAME).collect(),
        }
    }
}

#[async_trait]
impl MigrationLock for MySqlLock {
    async fn acquire(&self) -> Result<HeldLock, CheckError> {
        choose_provider();
        let options = self.pool.connect_options();
        let mut connection = options.connect().await?;
        let got: Option<i64> = sqlx::query_scalar("SELECT GET_LOCK(?, ?)")
            .bind(&self.name)
            .bind(WAIT_SECONDS)
            .fetch_one(&mut connection)
            .await?;
        match got {
            Some(1) => Ok(Box::new(connection)),
            _ => Err(CheckError::new("the server did not give it")),
        }
    }
}
