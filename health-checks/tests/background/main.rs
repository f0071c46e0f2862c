//! The checks of what runs in the background: loops and scheduled jobs.

#![allow(
    clippy::unwrap_used,
    reason = "the setting for tests does not cover what they share"
)]

mod heartbeat;
mod last_run;
mod last_run_file;

use std::time::Duration;

use health_core::{Check, Health, Status};
use serde_json::Value;

const SECOND: Duration = Duration::from_secs(1);

async fn ask(check: &impl Check) -> Health {
    check.check().await.unwrap()
}

fn detail(health: &Health, name: &str) -> Value {
    health.details().get(name).cloned().unwrap_or_default()
}

#[track_caller]
fn assert_told(health: &Health, status: Status, error: &str) {
    assert_eq!(*health.status(), status, "{health:?}");
    assert_eq!(detail(health, "error").as_str().unwrap_or_default(), error);
}
