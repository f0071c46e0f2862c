//! What every check that asks a server has to stand, whatever the server is.

mod leaks;
mod logs;
mod run;

use std::{fmt::Debug, net::SocketAddr, sync::Arc, time::Duration};

use health_core::Check;

use self::run::{Asked, ask};
use crate::{Mode, Relay};

/// How long the engine waits in the suite, unless [`Suite::deadline`] says otherwise: long enough
/// for a busy machine to answer, short enough to be waited for a few times.
const DEADLINE: Duration = Duration::from_millis(800);

/// By how much a slow server delays each piece that it sends or receives.
const SLOWED_BY: Duration = Duration::from_millis(5);

/// How often a check may be asked until it notices that its server is there again.
const RECOVERS_WITHIN_RUNS: u32 = 20;

/// What the suite needs of a check.
pub trait Subject: Check + Debug {}

impl<T: Check + Debug> Subject for T {}

/// A server that can be killed and started again at the same address with the same data.
pub trait Restart {
    /// Kills the server at once.
    fn kill(&mut self);

    /// Starts the server and returns when it answers.
    fn start(&mut self);
}

/// The cases of one check, run one after the other by [`Suite::run`].
///
/// The check reaches its server through a [`Relay`], of which it is given the address. Run it in a
/// test binary of its own or under a lock: it counts the file descriptors of the process and the
/// tasks of its runtime.
#[must_use = "nothing is tested until `run` is called"]
pub struct Suite<'a, C> {
    server: SocketAddr,
    check: C,
    deadline: Duration,
    secrets: Vec<&'a str>,
    broken: Vec<(&'static str, Arc<dyn Subject>)>,
    restart: Option<&'a mut dyn Restart>,
    runs: u32,
    spare: usize,
}

impl<'a, C: AsyncFn(SocketAddr) -> Arc<dyn Subject>> Suite<'a, C> {
    /// Makes a suite over a server that runs and a way to make the check, which is called anew for
    /// each case while the server is UP.
    pub fn new(server: SocketAddr, check: C) -> Self {
        Self {
            server,
            check,
            deadline: DEADLINE,
            secrets: Vec::new(),
            broken: Vec::new(),
            restart: None,
            runs: 1000,
            spare: 0,
        }
    }

    /// Names a secret that the check holds and that may show nowhere.
    pub fn secret(mut self, secret: &'a str) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Adds a check that has to be DOWN in time, such as one with a wrong password or one that
    /// trusts another authority; `name` tells why.
    pub fn down(mut self, name: &'static str, check: impl Subject) -> Self {
        self.broken.push((name, Arc::new(check)));
        self
    }

    /// Kills the server between two runs and starts it again.
    pub fn restart(mut self, server: &'a mut dyn Restart) -> Self {
        self.restart = Some(server);
        self
    }

    /// Sets how long the engine waits for the check.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets how often the check runs to show what it leaves behind; default 1,000.
    pub fn runs(mut self, runs: u32) -> Self {
        self.runs = runs;
        self
    }

    /// Lets a check that asks more than once in a run keep so many connections more after many runs
    /// than after a few; default none. A pool that is asked again before it has its connection back
    /// opens one more, and keeps it.
    pub fn spare_connections(mut self, count: usize) -> Self {
        self.spare = count;
        self
    }

    /// Runs all cases.
    ///
    /// # Panics
    /// On the first case that fails, with its name.
    pub async fn run(mut self) {
        let logs = logs::capture();
        let relay = Relay::to(self.server);

        self.ask_while_up(&relay).await;
        self.ask_while_unreachable(&relay).await;
        self.ask_broken().await;
        self.ask_across_restart(&relay).await;
        leaks::assert_none(&self, &relay).await;

        for secret in &self.secrets {
            logs.assert_without(secret);
        }
    }

    async fn ask_while_up(&self, relay: &Relay) {
        let check = (self.check)(relay.address()).await;
        let asked = self.ask("server up", &check).await;
        assert_eq!(asked.status, "UP", "server up: {asked}");
        relay.set(Mode::Slow(SLOWED_BY));
        let asked = self.ask("slow", &check).await;
        assert_eq!(asked.status, "UP", "slow: {asked}");
        relay.set(Mode::Pass);
    }

    async fn ask_while_unreachable(&self, relay: &Relay) {
        let connected = (self.check)(relay.address()).await;
        self.ask("before", &connected).await;
        let fresh = (self.check)(relay.address()).await;
        for (name, mode) in [("refused", Mode::Refuse), ("black hole", Mode::BlackHole)] {
            for (state, check) in [("connected", &connected), ("fresh", &fresh)] {
                relay.set(mode);
                let name = format!("{name}, {state}");
                self.assert_down(&name, check).await;
                relay.set(Mode::Pass);
                self.assert_recovers(&name, check).await;
            }
        }
    }

    async fn ask_broken(&self) {
        for (name, check) in &self.broken {
            self.assert_down(name, check).await;
        }
    }

    async fn ask_across_restart(&mut self, relay: &Relay) {
        let Some(server) = self.restart.take() else {
            return;
        };
        let check = (self.check)(relay.address()).await;
        let asked = self.ask("before the server is killed", &check).await;
        assert_eq!(asked.status, "UP", "before the server is killed: {asked}");
        server.kill();
        self.assert_down("server killed", &check).await;
        server.start();
        self.assert_recovers("server killed", &check).await;
    }

    async fn assert_down(&self, name: &str, check: &Arc<dyn Subject>) {
        let asked = self.ask(name, check).await;
        assert!(
            asked.status == "DOWN" && !asked.error.is_empty(),
            "{name}: {asked}"
        );
    }

    async fn assert_recovers(&self, name: &str, check: &Arc<dyn Subject>) {
        let mut asked = self.ask(name, check).await;
        for _ in 1..RECOVERS_WITHIN_RUNS {
            if asked.status == "UP" {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            asked = self.ask(name, check).await;
        }
        assert_eq!(asked.status, "UP", "{name}, and mended again: {asked}");
    }

    async fn ask(&self, name: &str, check: &Arc<dyn Subject>) -> Asked {
        let asked = ask(name, check, self.deadline).await;
        for secret in &self.secrets {
            for (place, text) in [
                ("answer", asked.answer.clone()),
                ("Debug", format!("{check:?} {check:#?}")),
            ] {
                assert!(
                    !text.contains(secret),
                    "{name}: a secret in {place}: {text}"
                );
            }
        }
        asked
    }
}
