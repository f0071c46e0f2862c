//! Redis and Valkey: a server, a replica or a cluster.

mod connection;
mod endpoint;
mod failure;
mod info;
mod judge;
mod own;

use std::{
    fmt,
    time::{Duration, Instant},
};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use redis::{Cmd, Value};

pub use self::connection::RedisConnection;
#[cfg(feature = "celery")]
pub(crate) use self::{endpoint::Endpoint, failure::Failure, own::Open};
#[cfg(not(feature = "celery"))]
use self::{endpoint::Endpoint, failure::Failure, own::Open};
use self::{
    info::Info,
    judge::{Answers, Expected},
    own::Kept,
};
use crate::{SettingError, Tls, patience::within};

/// Checks that a Redis or Valkey server answers, has its data and hears its master, or that a
/// cluster serves all of its slots.
///
/// Details: `version`, `mode`, `role`, `connectedReplicas`, `lagBytes`, `masterLinkStatus`,
/// `masterLastIoSecondsAgo`, `loadedPercent`, `cluster_size`, `slots_up`, `slots_fail`,
/// `latencyMs`, `error` when not UP; those that mean something for the server's role.
///
/// It asks `INFO` and `PING`, and a node of a cluster `CLUSTER INFO`. OUT_OF_SERVICE is a server
/// that loads its data; everything else that is wrong is DOWN: no connection, a refused password,
/// `MISCONF` (the server cannot save and so refuses to write), a replica whose link to its master
/// is down, a cluster that has failed or has slots that nobody serves. `lagBytes` is what of the
/// master's changes a replica has read and not applied, and on a master what its slowest replica
/// has not confirmed.
///
/// A run takes two round trips, and gives up just before the deadline of the component. A
/// [`Redis::connect`] keeps one connection and opens another only when that one is closed, so
/// there is no connection per run and what is told of one that fails is the real reason. Of the
/// application's own connections a `ConnectionManager` comes back by itself when the server does,
/// a `MultiplexedConnection` does not; their response timeout (500 ms unless the application says
/// another) ends the wait too.
///
/// # Security
/// The user needs `+ping +info`, in a cluster `+cluster|info`; see [`Redis::ping_only`]. Password
/// and user show nowhere.
///
/// ```
/// use health_checks::Redis;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = Redis::connect("redis://:s3cret@localhost:6379/0")?.require_writable();
/// # Ok(())
/// # }
/// ```
pub struct Redis {
    source: Source,
    expected: Expected,
    ping_only: bool,
}

enum Source {
    Application(RedisConnection),
    Own(Box<Endpoint>, Kept),
}

impl Redis {
    /// Makes a check over a connection of the application.
    pub fn new(connection: impl Into<RedisConnection>) -> Self {
        Self::of(Source::Application(connection.into()))
    }

    /// Makes a check with a connection of its own, which is opened by the first run: by
    /// `redis://`, with TLS by `rediss://` (or `valkey`, `valkeys`), or a socket by `unix://`.
    ///
    /// # Errors
    /// Fails for what is no such URL.
    pub fn connect(url: impl AsRef<str>) -> Result<Self, SettingError> {
        let endpoint = Box::new(Endpoint::parse(url.as_ref())?);
        Ok(Self::of(Source::Own(endpoint, Kept::default())))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            expected: Expected::default(),
            ping_only: false,
        }
    }

    /// Sets how long a replica may not have heard from its master, inclusive; by default only the
    /// state of the link counts. A master that has nothing to say pings its replicas every 10 s
    /// (`repl-ping-replica-period`), and Redis tells whole seconds.
    #[must_use]
    pub fn max_replica_lag(mut self, lag: Duration) -> Self {
        self.expected.max_replica_lag = Some(lag);
        self
    }

    /// Requires a server that takes writes: a read-only replica is DOWN, which finds a failover
    /// that the application's configuration did not follow.
    #[must_use]
    pub fn require_writable(mut self) -> Self {
        self.expected.writable = true;
        self
    }

    /// Asks `PING` alone, for a user who may not ask `INFO`: the state of replication and cluster
    /// is then not known, and settings about it are DOWN.
    #[must_use]
    pub fn ping_only(mut self) -> Self {
        self.ping_only = true;
        self
    }

    /// Sets whom to trust and with which certificate to come, of a check made by
    /// [`Redis::connect`]; default [`Tls::new`].
    ///
    /// # Errors
    /// Fails when the URL does not ask for TLS, or the connection is the application's.
    pub fn tls(mut self, tls: Tls) -> Result<Self, SettingError> {
        match &mut self.source {
            Source::Own(endpoint, _) => endpoint.set_tls(tls)?,
            Source::Application(_) => {
                let problem = "the application's own connection is used as it is";
                return Err(SettingError::new("TLS of the Redis check", problem));
            }
        }
        Ok(self)
    }

    async fn answers(&self) -> Result<Answers, Failure> {
        match &self.source {
            Source::Application(connection) => {
                let line = &mut Line::Application(connection.clone());
                let answers = within("answer", self.ask_all(line)).await;
                answers.unwrap_or_else(|late| Err(connection.explain_late(&late)))
            }
            Source::Own(endpoint, kept) => {
                if let Some(open) = kept.take() {
                    match self.ask_on(open, kept).await {
                        // The server gave up an idle connection, which says nothing of its health.
                        Err(Failure::Connection(_)) => {}
                        answered => return answered,
                    }
                }
                let open = within("connection", endpoint.open()).await??;
                self.ask_on(open, kept).await
            }
        }
    }

    async fn ask_on(&self, open: Open, kept: &Kept) -> Result<Answers, Failure> {
        let mut line = Line::Own(open);
        let answers = within("answer", self.ask_all(&mut line)).await??;
        if let Line::Own(open) = line {
            kept.put(open);
        }
        Ok(answers)
    }

    async fn ask_all(&self, line: &mut Line) -> Result<Answers, Failure> {
        let mut info = None;
        let mut cluster = None;
        if !self.ping_only {
            let answer = Info::of_server(line.ask(&redis::cmd("INFO")).await?)?;
            if answer.is_set("cluster_enabled") && !answer.is_set("loading") {
                let state = line.ask(redis::cmd("CLUSTER").arg("INFO")).await?;
                cluster = Some(Info::of_cluster(state)?);
            }
            info = Some(answer);
        }
        let start = Instant::now();
        let ping = match line.ask(&redis::cmd("PING")).await {
            Err(failure @ Failure::Connection(_)) => return Err(failure),
            Ok(answer) if !is_pong(&answer) => {
                return Err(Failure::Answer("PING was not answered by PONG".to_owned()));
            }
            answer => answer.map(|_| start.elapsed()),
        };
        Ok(Answers {
            info,
            cluster,
            ping,
        })
    }
}

/// The connection of one run.
enum Line {
    Application(RedisConnection),
    Own(Open),
}

impl Line {
    async fn ask(&mut self, command: &Cmd) -> Result<Value, Failure> {
        match self {
            Self::Application(connection) => connection.ask(command).await,
            Self::Own(open) => open.ask(command).await,
        }
    }
}

fn is_pong(answer: &Value) -> bool {
    match answer {
        Value::SimpleString(text) => text == "PONG",
        Value::BulkString(bytes) => bytes == b"PONG",
        _ => false,
    }
}

#[async_trait]
impl Check for Redis {
    async fn check(&self) -> CheckResult {
        Ok(match self.answers().await {
            Ok(answers) => answers.judge(&self.expected),
            Err(Failure::Loading) => Health::out_of_service().error(Failure::Loading),
            Err(failure) => Health::down().error(failure),
        })
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the place of a server, and of the application's connection only that it is one.
impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.source {
            Source::Application(_) => "connection of the application",
            Source::Own(endpoint, _) => &endpoint.place,
        };
        f.debug_tuple("Redis").field(&place).finish()
    }
}
