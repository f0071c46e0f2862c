//! An advisory lock of PostgreSQL.

use health_core::{CheckError, async_trait};
use sqlx::{ConnectOptions, PgPool};

use super::{HeldLock, MigrationLock};
use crate::sql::choose_provider;

/// A session's advisory lock in PostgreSQL, on a connection of its own outside of the pool: a unit
/// that dies gives it back. Not for a pooler that shares sessions, such as PgBouncer by
/// transaction.
#[derive(Clone, Debug)]
pub struct PostgresLock {
    pool: PgPool,
    key: i64,
}

impl PostgresLock {
    /// Makes a lock whose key is made of a name; all units have to give it the same one.
    pub fn new(pool: PgPool, name: &str) -> Self {
        Self {
            pool,
            key: key(name),
        }
    }
}

#[async_trait]
impl MigrationLock for PostgresLock {
    async fn acquire(&self) -> Result<HeldLock, CheckError> {
        choose_provider();
        let options = self.pool.connect_options();
        let mut connection = options.connect().await?;
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(self.key)
            .execute(&mut connection)
            .await?;
        Ok(Box::new(connection))
    }
}

/// Makes a number of a name, the same in every process.
///
/// Source: the hash FNV-1a of 64 bits.
fn key(name: &str) -> i64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_same_key_in_every_version() {
        assert_eq!(key(""), -3_750_763_034_362_895_579);
        assert_eq!(key("a"), -5_808_556_873_153_909_620);
        assert_ne!(key("orders"), key("users"));
    }
}
