//! Pools of sqlx.

use std::io::ErrorKind;

use health_core::CheckError;
use rustls::crypto::{CryptoProvider, ring};
use sqlx::{ConnectOptions, Connection, Database, Error, pool::PoolConnection};

use crate::sql::{Failure, Numbers, Pool, Refusal, Time};

/// A connection of a pool, which it leaves for good unless it is given back: sqlx would wait for the
/// answer of a server that may never come, with one connection less for the application.
///
/// One of SQLite always goes back. It waits for nobody but its own thread, and a database in memory
/// ends with its connection.
pub(crate) struct Held<DB: Database>(Option<PoolConnection<DB>>);

impl<DB: Database> Held<DB> {
    pub(crate) fn connection(&mut self) -> Result<&mut DB::Connection, Error> {
        self.0.as_deref_mut().ok_or(Error::WorkerCrashed)
    }
}

impl<DB: Database> Drop for Held<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take()
            && !is_embedded::<DB>()
        {
            drop(connection.detach());
        }
    }
}

impl<DB: Database> Pool for sqlx::Pool<DB> {
    type Session = Held<DB>;

    fn hint() -> &'static str {
        if is_embedded::<DB>() {
            "the file is locked, or slow"
        } else {
            "the server refuses connections or does not answer"
        }
    }

    fn numbers(&self) -> Numbers {
        Numbers {
            size: to_usize(self.size()),
            idle: self.num_idle(),
            max: to_usize(self.options().get_max_connections()),
        }
    }

    async fn acquire(&self) -> Result<Held<DB>, Refusal> {
        choose_provider();
        match self.acquire().await {
            Ok(connection) => Ok(Held(Some(connection))),
            Err(Error::PoolTimedOut) => Err(Refusal::TimedOut),
            Err(error) => Err(Refusal::Failed(failure_of(error))),
        }
    }

    /// sqlx asks the server once more on the way back. Where that is left to the task that a dropped
    /// connection spawns, a server that falls silent at that moment keeps the place in the pool, and
    /// a run that follows at once finds the connection missing. sqlx does not document the method.
    async fn give_back(mut held: Held<DB>, time: &Time) {
        if let Some(mut connection) = held.0.take()
            && !is_embedded::<DB>()
        {
            let _ = time.within("return", connection.return_to_pool()).await;
        }
    }

    async fn connect_directly(&self) -> Result<(), Failure> {
        choose_provider();
        let options = self.connect_options();
        let connection = options.connect().await.map_err(failure_of)?;
        connection.close().await.map_err(failure_of)
    }
}

/// Chooses ring for the process where nobody has chosen a crypto provider yet.
///
/// sqlx verifies certificates by that of the process, and rustls panics where it has to guess it
/// because both ring and aws-lc-rs are in the application's graph.
pub(crate) fn choose_provider() {
    if CryptoProvider::get_default().is_none() {
        // Whoever chooses at the same moment chooses as well as we do.
        let _ = ring::default_provider().install_default();
    }
}

/// Says in our words what an error of sqlx is about. None of its texts holds a password.
pub(crate) fn failure_of(error: Error) -> Failure {
    match error {
        Error::Database(answer) => {
            let state = answer.code().unwrap_or_default();
            Failure::answered(&state, answer.message())
        }
        // What rustls does not like comes as data that is not valid.
        Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
            Failure::down(format!("TLS failed: {}", CheckError::from(error)))
        }
        Error::Io(error) => {
            Failure::down(format!("connection failed: {}", CheckError::from(error)))
        }
        Error::Tls(error) => Failure::down(format!("TLS failed: {error}")),
        Error::Protocol(problem) => Failure::down(format!("unexpected answer: {problem}")),
        Error::PoolClosed => Failure::down("the pool is closed"),
        error => Failure::down(CheckError::from(error).to_string()),
    }
}

/// Tells whether the database runs in this process.
fn is_embedded<DB: Database>() -> bool {
    DB::NAME == "SQLite"
}

fn to_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
