//! Celery's workers on both brokers, all of them real.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong here is a failed test"
)]

mod rabbitmq;
mod redis;
mod workers;

use std::{sync::Arc, time::Duration};

use health_checks::Celery;
use health_core::{Check, Component, Management, Request, Show};
use serde_json::Value;

/// The names of the workers.
const NAMES: [&str; 2] = ["w1@here", "w2@here"];

/// How often the suite asks to see what is left behind: each run makes queues, bindings and
/// answers.
const RUNS: u32 = 1000;

/// How long the suite waits for a run: a busy machine may hold up broker and workers for a second.
const DEADLINE: Duration = Duration::from_secs(3);

/// Longer than any worker takes to answer, however busy the machine is.
const PATIENT: Duration = Duration::from_secs(20);

/// Short enough to be waited for.
const SHORT: Duration = Duration::from_secs(2);

/// Asks through an engine, and returns the answer with all details.
async fn ask(deadline: Duration, check: impl Into<Arc<Celery>>) -> Value {
    let check: Arc<dyn Check> = check.into();
    let management = Management::builder("test")
        .component(Component::new("it", check).ttl(Duration::ZERO))
        .deadline(deadline)
        .show_details(Show::Always)
        .build()
        .unwrap();
    let headers = axum::http::HeaderMap::new();
    let request = Request::new("GET", "/z/health/it", &headers);
    let reply = management.respond(&request).await;
    serde_json::from_slice(reply.body()).unwrap()
}

/// One after the other: the suite counts what the process holds, and kills brokers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_are_checked() {
    redis::workers().await;
    rabbitmq::workers().await;
}
