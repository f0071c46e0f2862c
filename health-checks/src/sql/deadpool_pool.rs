//! Pools of deadpool-postgres.

use std::pin::pin;

use deadpool::managed;
use deadpool_postgres::{Object, PoolError};
use futures_util::TryStreamExt;
use health_core::CheckError;
use tokio_postgres::{Error, SimpleQueryMessage, SimpleQueryRow};

use crate::sql::{Failure, MAX_ROWS, Numbers, Pool, Refusal, Rows, Session, Time};

/// A connection of a pool, which it leaves for good unless it is given back: whoever got it next
/// would wait for our answer first.
pub(crate) struct Held(Option<Object>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}

impl Pool for deadpool_postgres::Pool {
    type Session = Held;

    fn hint() -> &'static str {
        "the server does not answer"
    }

    fn numbers(&self) -> Numbers {
        let status = self.status();
        Numbers {
            size: status.size,
            idle: status.available,
            max: status.max_size,
        }
    }

    async fn acquire(&self) -> Result<Held, Refusal> {
        match self.get().await {
            Ok(object) => Ok(Held(Some(object))),
            Err(PoolError::Timeout(_)) => Err(Refusal::TimedOut),
            Err(PoolError::Backend(error)) => Err(Refusal::Failed(failure_of(error))),
            Err(PoolError::Closed) => Err(Refusal::Failed(Failure::down("the pool is closed"))),
            Err(error) => Err(Refusal::Failed(Failure::down(
                CheckError::from(error).to_string(),
            ))),
        }
    }

    async fn give_back(mut held: Held, _: &Time) {
        drop(held.0.take());
    }

    async fn connect_directly(&self) -> Result<(), Failure> {
        let manager = self.manager();
        let mut client = managed::Manager::create(manager)
            .await
            .map_err(failure_of)?;
        managed::Manager::detach(manager, &mut client);
        Ok(())
    }
}

impl Session for Held {
    async fn ask(&mut self, sql: String) -> Result<Rows, Failure> {
        let Some(object) = &self.0 else {
            return Ok(Rows::new());
        };
        let answer = object.simple_query_raw(&sql).await.map_err(failure_of)?;
        let mut answer = pin!(answer);
        let mut rows = Rows::new();
        while let Some(message) = answer.try_next().await.map_err(failure_of)? {
            if let SimpleQueryMessage::Row(row) = message {
                rows.push(texts(&row).map_err(failure_of)?);
            }
            if rows.len() == MAX_ROWS {
                break;
            }
        }
        Ok(rows)
    }
}

fn texts(row: &SimpleQueryRow) -> Result<Vec<Option<String>>, Error> {
    (0..row.len())
        .map(|column| Ok(row.try_get(column)?.map(str::to_owned)))
        .collect()
}

/// Says in our words what an error of tokio-postgres is about. None of its texts holds a password.
fn failure_of(error: Error) -> Failure {
    match error.as_db_error() {
        Some(answer) => Failure::answered(answer.code().code(), answer.message()),
        None => Failure::down(CheckError::from(error).to_string()),
    }
}
