//! Queries over connections of sqlx, in the protocol that answers in text.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Row, raw_sql};

use crate::sql::{
    Failure, MAX_ROWS, Rows, Session,
    sqlx_pool::{Held, failure_of},
};

/// The same for each driver, of which each has types of its own.
macro_rules! session {
    ($($feature:literal: $database:ty),*) => {$(
        #[cfg(feature = $feature)]
        impl Session for Held<$database> {
            async fn ask(&mut self, sql: String) -> Result<Rows, Failure> {
                let connection = self.connection().map_err(failure_of)?;
                let mut answer = raw_sql(AssertSqlSafe(sql)).fetch(connection);
                let mut rows = Rows::new();
                while let Some(row) = answer.try_next().await.map_err(failure_of)? {
                    let values = (0..row.len()).map(|column| row.try_get_unchecked(column));
                    rows.push(values.collect::<Result<_, _>>().map_err(failure_of)?);
                    if rows.len() == MAX_ROWS {
                        break;
                    }
                }
                Ok(rows)
            }
        }
    )*};
}

session!("postgres": sqlx::Postgres, "mysql": sqlx::MySql, "sqlite": sqlx::Sqlite);
