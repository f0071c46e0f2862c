//! What a PostgreSQL server is asked, over whatever pool.

use std::time::Duration;

use health_core::Health;
use tokio::time::Instant;

use crate::sql::{
    Failure, Findings, Pool, Role, Session, Time, Wanted, acquire, one_row, one_value,
};

/// Asks every server.
const FACTS: &str = "SELECT current_setting('server_version'), pg_is_in_recovery()";

/// Asks a standby how far it is behind, in milliseconds; NULL when it cannot tell.
///
/// The age of the last transaction that was replayed says nothing when the primary has nothing to
/// do, so a standby that has replayed all that it received, and still receives, does not lag.
/// Source: PostgreSQL 15 documentation 9.27.4 and 28.2.6.
const LAG: &str = "SELECT CASE \
     WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() \
     AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0 \
     ELSE (extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000)::bigint \
     END";

/// What is asked, and what has to be true of the answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct PostgresServer {
    pub(crate) query: Option<String>,
    pub(crate) direct_connection: bool,
    pub(crate) wanted: Wanted,
}

impl PostgresServer {
    pub(crate) async fn check<P: Pool<Session: Session>>(&self, pool: &P) -> Health {
        let mut findings = Findings {
            database: "PostgreSQL",
            validation_query: Some(self.query.as_deref().unwrap_or(FACTS).to_owned()),
            ..Findings::default()
        };
        let outcome = self.ask(pool, &mut findings).await;
        findings.health(outcome, &pool.numbers())
    }

    async fn ask<P: Pool<Session: Session>>(
        &self,
        pool: &P,
        findings: &mut Findings,
    ) -> Result<(), Failure> {
        let time = Time::begin();
        let mut session = acquire(pool, self.direct_connection, &time, findings).await?;
        let begin = Instant::now();
        let queries = self.query(&mut session, &time, findings);
        let answered = time.within("answer to the query", queries).await.flatten();
        findings.query = Some(begin.elapsed());
        let role = answered?;
        P::give_back(session, &time).await;
        self.wanted.judge(role, findings.replica_lag)
    }

    async fn query<S: Session>(
        &self,
        session: &mut S,
        time: &Time,
        findings: &mut Findings,
    ) -> Result<Role, Failure> {
        let [version, is_standby] = one_row(session.ask(limited(FACTS, time)).await?)?;
        let role = match is_standby.as_deref() {
            Some("f") => Role::Primary,
            _ => Role::Replica,
        };
        findings.version = version;
        findings.role = Some(role.name());
        if role == Role::Replica {
            let [lag] = one_row(session.ask(limited(LAG, time)).await?)?;
            findings.replica_lag = lag.and_then(|ms| milliseconds(&ms));
        }
        if let Some(query) = &self.query {
            let rows = session.ask(limited(query, time)).await?;
            findings.result = Some(one_value(rows)?);
        }
        Ok(role)
    }
}

/// Has the server end a query by itself before we give up, so that it does not go on, or wait for
/// a lock, when nobody waits for it any more. The setting ends with the statements that are sent
/// together with it.
fn limited(query: &str, time: &Time) -> String {
    let ms = time.for_server_ms();
    format!("SET LOCAL statement_timeout = {ms}; {query}")
}

/// Clocks differ, so the lag may be below zero.
fn milliseconds(text: &str) -> Option<Duration> {
    let ms = text.parse::<i64>().ok()?.max(0);
    Some(Duration::from_millis(ms.unsigned_abs()))
}
