//! What the tests of all databases need.

#[allow(dead_code, reason = "only servers fail in these ways")]
pub(crate) mod failures;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use health_core::{Check, Component, Management, Request, Show};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

/// Of what will get no answer, so that it is waited for to the end.
pub(crate) const DEADLINE: Duration = Duration::from_secs(2);

/// Long enough for the answer of a busy machine after the pool's part of it was waited in vain.
pub(crate) const ENOUGH: Duration = Duration::from_secs(6);

/// Longer than any answer takes.
const PATIENT: Duration = Duration::from_secs(20);

static ALONE: Mutex<()> = Mutex::const_new(());

/// Lets one test of the binary run at a time: they share servers, and count what is left behind.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// What a check says.
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) details: Value,
    pub(crate) took: Duration,
}

impl Answer {
    pub(crate) fn error(&self) -> &str {
        self.details["error"].as_str().unwrap_or_default()
    }

    /// Asserts a status, and that the error contains each of the parts.
    #[track_caller]
    pub(crate) fn assert(&self, name: &str, status: &str, error: &[&str]) {
        assert_eq!(self.status, status, "{name}: {self}");
        for part in error {
            assert!(
                self.error().contains(part),
                "{name}: no `{part}` in: {self}"
            );
        }
        assert_eq!(self.error().is_empty(), status == "UP", "{name}: {self}");
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, took, .. } = self;
        write!(f, "{status} after {took:?}: {}", self.details)
    }
}

/// Asks once what will answer.
pub(crate) async fn ask(check: impl Check) -> Answer {
    ask_within(check, PATIENT).await
}

/// Asks once what will not answer.
pub(crate) async fn ask_in_vain(check: impl Check) -> Answer {
    ask_within(check, DEADLINE).await
}

/// Asks once through an engine.
pub(crate) async fn ask_within(check: impl Check, deadline: Duration) -> Answer {
    let check: Arc<dyn Check> = Arc::new(check);
    let management = Management::builder("test")
        .component(Component::new("it", check).ttl(Duration::ZERO))
        .deadline(deadline)
        .show_details(Show::Always)
        .build()
        .unwrap();
    let headers = HeaderMap::new();
    let begin = Instant::now();
    let reply = management
        .respond(&Request::new("GET", "/z/health/it", &headers))
        .await;
    let took = begin.elapsed();
    let mut body: Value = serde_json::from_slice(reply.body()).unwrap();
    Answer {
        status: body["status"].as_str().unwrap().to_owned(),
        details: body["details"].take(),
        took,
    }
}
