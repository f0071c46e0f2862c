//! How a check comes by a connection, and what it means when it gets none.

use std::time::Duration;

use health_core::Status;
use tokio::time::{Instant, timeout};

use crate::sql::{Failure, Findings, Time};

/// The status of a database whose server may well be there, but of whose pool all connections are
/// in use: the application has to wait for one, so it is out of service rather than its server down.
pub const EXHAUSTED_POOL_STATUS: Status = Status::OUT_OF_SERVICE;

/// The part of its time, in percent, that a check waits for a connection of the pool; the rest is
/// for the query, or for a direct connection that tells a full pool from a server that is gone.
pub const ACQUIRE_SHARE_PERCENT: u32 = 60;

/// The connections of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub(crate) size: usize,
    pub(crate) idle: usize,
    pub(crate) max: usize,
}

impl Numbers {
    /// sqlx counts a connection from the moment at which it begins to open it.
    fn are_exhausted(&self) -> bool {
        self.idle == 0 && self.size >= self.max
    }
}

/// A pool of the application.
pub(crate) trait Pool: Sync {
    /// A connection. Unless it is given back it is closed, since nobody knows what is under way on
    /// it.
    type Session: Send;

    /// Says what may be wrong when a pool with room for a connection has none to give.
    fn hint() -> &'static str;

    fn numbers(&self) -> Numbers;

    /// Waits for a connection as long as the pool lets us.
    fn acquire(&self) -> impl Future<Output = Result<Self::Session, Refusal>> + Send;

    /// Takes a connection back, as long as there is time.
    fn give_back(session: Self::Session, time: &Time) -> impl Future<Output = ()> + Send;

    /// Opens a connection beside the pool, with its settings, and closes it.
    fn connect_directly(&self) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Why a pool gives no connection.
pub(crate) enum Refusal {
    /// It does not say why: its time or ours was over.
    TimedOut,
    Failed(Failure),
}

/// Takes a connection from the pool, and tells a pool that is exhausted from a server that is not
/// there; `direct` allows one connection beside the pool to find out.
pub(crate) async fn acquire<P: Pool>(
    pool: &P,
    direct: bool,
    time: &Time,
    findings: &mut Findings,
) -> Result<P::Session, Failure> {
    let begin = Instant::now();
    let patience = time.left() * ACQUIRE_SHARE_PERCENT / 100;
    let acquired = timeout(patience, pool.acquire()).await;
    let waited = begin.elapsed();
    findings.acquire = Some(waited);
    match acquired {
        Ok(Ok(session)) => return Ok(session),
        Ok(Err(Refusal::Failed(failure))) => return Err(failure),
        Ok(Err(Refusal::TimedOut)) | Err(_) => {}
    }
    let lack = Lack {
        numbers: pool.numbers(),
        waited,
        hint: P::hint(),
    };
    if !direct {
        return Err(lack.unexplained());
    }
    let connected = time
        .within("answer to a direct connection", pool.connect_directly())
        .await;
    Err(lack.explained_by(connected.flatten()))
}

/// A pool that gave no connection.
struct Lack {
    numbers: Numbers,
    waited: Duration,
    hint: &'static str,
}

impl Lack {
    fn unexplained(&self) -> Failure {
        let Self { hint, .. } = self;
        if self.numbers.are_exhausted() {
            let reason = format!("{}; nobody asked whether the server answers", self.shown());
            Failure::new(EXHAUSTED_POOL_STATUS, reason)
        } else {
            Failure::down(format!("{}: {hint}", self.shown()))
        }
    }

    fn explained_by(&self, connected: Result<(), Failure>) -> Failure {
        match connected {
            Ok(()) if self.numbers.are_exhausted() => Failure::new(
                EXHAUSTED_POOL_STATUS,
                format!("{}; the server answers a direct connection", self.shown()),
            ),
            Ok(()) => Failure::down(format!(
                "{}, though the server answers a direct connection",
                self.shown()
            )),
            Err(failure) => Failure::down(format!("{}; {}", failure.reason, self.shown())),
        }
    }

    fn shown(&self) -> String {
        let Numbers { size, max, .. } = self.numbers;
        let waited = self.waited.as_millis();
        if self.numbers.are_exhausted() {
            format!(
                "the pool is exhausted: all {max} connections are in use or being opened, and none came free within {waited} ms"
            )
        } else {
            format!("the pool has {size} of {max} connections and gave none within {waited} ms")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_without_a_connection_is_explained() {
        let full = (5, 0, 5);
        let room = (2, 1, 5);
        let answers = || Some(Ok(()));
        let refuses = || Some(Err(Failure::down("connection refused")));
        let cases = [
            (
                "full, not asked",
                full,
                None,
                Status::OUT_OF_SERVICE,
                "the pool is exhausted: all 5 connections are in use or being opened, and none came free within 7 ms; nobody asked whether the server answers",
            ),
            (
                "full, server there",
                full,
                answers(),
                Status::OUT_OF_SERVICE,
                "the pool is exhausted: all 5 connections are in use or being opened, and none came free within 7 ms; the server answers a direct connection",
            ),
            (
                "full, server gone",
                full,
                refuses(),
                Status::DOWN,
                "connection refused; the pool is exhausted: all 5 connections are in use or being opened, and none came free within 7 ms",
            ),
            (
                "room, not asked",
                room,
                None,
                Status::DOWN,
                "the pool has 2 of 5 connections and gave none within 7 ms: it is gone",
            ),
            (
                "room, server there",
                room,
                answers(),
                Status::DOWN,
                "the pool has 2 of 5 connections and gave none within 7 ms, though the server answers a direct connection",
            ),
            (
                "room, server gone",
                room,
                refuses(),
                Status::DOWN,
                "connection refused; the pool has 2 of 5 connections and gave none within 7 ms",
            ),
        ];
        for (name, (size, idle, max), direct, status, reason) in cases {
            let lack = Lack {
                numbers: Numbers { size, idle, max },
                waited: Duration::from_millis(7),
                hint: "it is gone",
            };
            let failure = match direct {
                None => lack.unexplained(),
                Some(connected) => lack.explained_by(connected),
            };
            assert_eq!(failure.reason, reason, "{name}");
            assert_eq!(failure.status, status, "{name}");
        }
    }
}
