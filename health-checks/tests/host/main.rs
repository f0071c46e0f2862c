//! The checks of the host and of the process, on the host that runs the tests.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "the setting for tests does not cover what they share"
)]

mod descriptors;
mod disk;
mod file;
mod load;
mod memory;

use health_core::{Check, Health};
use serde_json::Value;

/// Asks outside of an engine.
async fn ask(check: impl Check) -> Health {
    let health = check.check().await;
    health.unwrap_or_else(|error| Health::down().error(error))
}

fn detail(health: &Health, name: &str) -> Value {
    health.details().get(name).cloned().unwrap_or_default()
}

fn number(health: &Health, name: &str) -> f64 {
    detail(health, name).as_f64().unwrap()
}
