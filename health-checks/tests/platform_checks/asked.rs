//! Asking an application that runs in an environment.

use std::{
    thread,
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use check_testing::{Restart, eventually};
use health_checks::platform::{
    Environment, PlatformChecks, SERVER_CHECK_DEADLINE, SERVER_CHECK_INTERVAL,
};
use health_core::{
    Builder, DEFAULT_ANSWER_MARGIN, DEFAULT_DEADLINE, Group, Management, READINESS, Request, Show,
};
use serde_json::Value;

/// How much later than its deadline an answer may come, inclusive.
const LATE_AT_MOST: Duration = Duration::from_millis(50);

/// How long a server that was started again may take until clients find it.
const FOUND_WITHIN: Duration = Duration::from_secs(20);

/// A password with all that means something in a URL; the last three are no encoded `A`.
pub(crate) const PASSWORD: &str = "p@s:s/w#r?d&[1%41";

/// How it stands in a connect string of somebody who encodes.
pub(crate) const ENCODED_PASSWORD: &str = "p%40s%3As%2Fw%23r%3Fd%26%5B1%2541";

/// The user of all servers, as platforms name them.
pub(crate) const USER: &str = "relation_id_3";

/// An application with the checks of its environment.
pub(crate) struct Application(Management);

pub(crate) fn builder() -> Builder {
    let readiness = Group::new(READINESS).show_components(Show::Always);
    Management::builder("orders")
        .group(readiness)
        .show_details(Show::Always)
}

pub(crate) fn environment(pairs: &[(&str, String)]) -> Environment {
    Environment::from_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())))
}

impl Application {
    pub(crate) fn of(pairs: &[(&str, String)]) -> Self {
        let environment = environment(pairs);
        assert_eq!(environment.problems(), []);
        Self::with(PlatformChecks::new(&environment))
    }

    pub(crate) fn with(checks: PlatformChecks) -> Self {
        let builder = checks.add_to(builder()).unwrap();
        Self(builder.build().unwrap())
    }

    /// Returns the code and the body of an endpoint.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let headers = HeaderMap::new();
        let reply = self.0.respond(&Request::new("GET", path, &headers)).await;
        let body = serde_json::from_slice(reply.body()).unwrap();
        (reply.status().as_u16(), body)
    }

    pub(crate) async fn health(&self, name: &str) -> Value {
        self.get(&format!("/z/health/{name}")).await.1
    }

    /// Asserts that each is UP.
    pub(crate) async fn assert_up(&self, names: &[&str]) {
        for name in names {
            let mut health = Value::Null;
            let is_up = async || {
                health = self.health(name).await;
                health["status"] == "UP"
            };
            let within = tokio::time::timeout(FOUND_WITHIN, until(is_up)).await;
            assert!(within.is_ok(), "{name}: {health}");
        }
    }

    /// Asserts that the next answer says DOWN, and comes in time.
    pub(crate) async fn assert_down_now(&self, names: &[&str]) {
        for name in names {
            let limit = DEFAULT_DEADLINE + DEFAULT_ANSWER_MARGIN + LATE_AT_MOST;
            let sleeper = thread::spawn(move || {
                let start = Instant::now();
                thread::sleep(limit);
                start.elapsed() - limit
            });
            let start = Instant::now();
            let health = self.health(name).await;
            let took = start.elapsed();
            assert_eq!(health["status"], "DOWN", "{name}: {health}");
            let error = health["details"]["error"].as_str().unwrap_or_default();
            assert!(!error.is_empty(), "{name}: {health}");
            if took > limit {
                let machine = sleeper.join().unwrap();
                assert!(took <= limit + machine, "{name}: after {took:?}: {health}");
            }
        }
    }

    /// Asserts that it is DOWN for a reason. A busy machine may not come as far as that at first:
    /// without optimization a password alone takes a part of a second.
    pub(crate) async fn assert_down_because(&self, name: &str, reason: &str) -> Value {
        let mut health = Value::Null;
        let is_told = async || {
            health = self.health(name).await;
            assert_ne!(health["status"], "UP", "{name}: {health}");
            let error = health["details"]["error"].as_str().unwrap_or_default();
            error.contains(reason)
        };
        let within = tokio::time::timeout(FOUND_WITHIN, until(is_told)).await;
        assert!(within.is_ok(), "{name}: {health}");
        assert_eq!(health["status"], "DOWN", "{name}: {health}");
        health
    }

    /// Asserts that what is asked in the background is DOWN by the next run.
    pub(crate) async fn assert_down_soon(&self, name: &str) {
        let within = SERVER_CHECK_INTERVAL * 2 + SERVER_CHECK_DEADLINE;
        eventually("it is DOWN", within, async || {
            self.health(name).await["status"] == "DOWN"
        })
        .await;
    }

    /// Asserts UP, DOWN after the server was killed, and UP again when it is back.
    pub(crate) async fn assert_follows(&self, names: &[&str], server: &mut impl Restart) {
        self.assert_up(names).await;
        server.kill();
        self.assert_down_now(names).await;
        server.start();
        self.assert_up(names).await;
    }
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    while !is_so().await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
