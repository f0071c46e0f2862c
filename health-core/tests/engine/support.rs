//! Short ways to build and ask, and checks that the public kit has no script for.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use health_core::{
    Builder, Check, CheckResult, Health, Management, Refresh, Show, async_trait, test_util,
};
use serde_json::Value;
use tokio::time::Instant;

/// Builds endpoints that show everything.
pub(crate) fn management(change: impl FnOnce(Builder) -> Builder) -> Management {
    let builder = Management::builder("orders").show_details(Show::Always);
    change(builder).build().expect("valid")
}

/// Builds endpoints with one component, `db`.
pub(crate) fn with(component: health_core::Component) -> Management {
    management(|builder| builder.component(component))
}

/// What an endpoint answered, read as JSON.
pub(crate) struct Answer {
    pub(crate) code: u16,
    body: Value,
}

pub(crate) async fn get(management: &Management, path: &str) -> Answer {
    let answer = test_util::ask(management, path).await;
    let body = serde_json::from_str(&answer.body).unwrap_or_default();
    Answer {
        code: answer.status,
        body,
    }
}

impl Answer {
    /// Returns the text at a JSON pointer; empty, where there is none.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        let value = self.body.pointer(pointer);
        value.and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn outcome(&self) -> (u16, &str) {
        (self.code, self.text("/status"))
    }

    pub(crate) fn names(&self, pointer: &str) -> Vec<&str> {
        match self.body.pointer(pointer) {
            Some(Value::Object(map)) => map.keys().map(String::as_str).collect(),
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Refreshes without chance.
pub(crate) fn every(interval: Duration) -> Refresh {
    Refresh::every(interval).jitter_percent(0)
}

/// Lets what is due now run.
pub(crate) async fn settle() {
    tokio::time::sleep(ms(1)).await;
}

/// Notes the moments at which a check starts.
#[derive(Clone, Default)]
pub(crate) struct Starts(Arc<Mutex<Vec<Instant>>>);

impl Starts {
    pub(crate) fn note(&self, check: impl Check) -> impl Check {
        Noted {
            starts: self.clone(),
            check,
        }
    }

    /// Returns the distances between the starts, in milliseconds.
    pub(crate) fn distances(&self) -> Vec<u128> {
        let starts = self.0.lock().expect("not poisoned");
        starts
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).as_millis())
            .collect()
    }
}

struct Noted<C> {
    starts: Starts,
    check: C,
}

#[async_trait]
impl<C: Check> Check for Noted<C> {
    async fn check(&self) -> CheckResult {
        self.starts
            .0
            .lock()
            .expect("not poisoned")
            .push(Instant::now());
        self.check.check().await
    }
}

/// Is UP, but gives no result while it is closed.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

impl Gate {
    pub(crate) fn close(&self) {
        self.0.store(true, SeqCst);
    }

    pub(crate) fn open(&self) {
        self.0.store(false, SeqCst);
    }
}

#[async_trait]
impl Check for Gate {
    async fn check(&self) -> CheckResult {
        while self.0.load(SeqCst) {
            tokio::time::sleep(ms(1)).await;
        }
        Ok(Health::up())
    }
}

/// Is UP after a time that is another one at each run; the last one stays.
pub(crate) struct Dawdles(Mutex<Vec<Duration>>);

impl Dawdles {
    pub(crate) fn new(times: impl IntoIterator<Item = u64>) -> Self {
        let mut times: Vec<Duration> = times.into_iter().map(ms).collect();
        times.reverse();
        Self(Mutex::new(times))
    }
}

#[async_trait]
impl Check for Dawdles {
    async fn check(&self) -> CheckResult {
        let time = {
            let mut times = self.0.lock().expect("not poisoned");
            if times.len() > 1 {
                times.pop()
            } else {
                times.last().copied()
            }
        };
        tokio::time::sleep(time.unwrap_or_default()).await;
        Ok(Health::up())
    }
}
