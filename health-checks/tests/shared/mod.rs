//! Asking a check, and what it answered.

#![allow(dead_code, reason = "each test binary needs a part of it")]

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use health_core::{Check, Health, Status};
use serde_json::Value;

/// Runs a test while no other of this process runs: the suite counts descriptors and tasks.
pub(crate) fn alone<F: Future>(test: F) -> F::Output {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    tokio::runtime::Runtime::new().unwrap().block_on(test)
}

/// Asks without an engine.
pub(crate) async fn ask(check: &impl Check) -> Health {
    let health = check.check().await;
    health.unwrap_or_else(|error| Health::down().error(error))
}

/// Returns a detail, `null` when there is none.
pub(crate) fn detail(health: &Health, name: &str) -> Value {
    health.details().get(name).cloned().unwrap_or_default()
}

/// Returns a detail that is a text, empty when there is none.
pub(crate) fn text(health: &Health, name: &str) -> String {
    let value = health.details().get(name).and_then(|value| value.as_str());
    value.unwrap_or_default().to_owned()
}

/// Asserts that it is UP and that nothing is wrong.
#[track_caller]
pub(crate) fn assert_up(name: &str, health: &Health) {
    assert_eq!(*health.status(), Status::UP, "{name}: {health:?}");
    assert_eq!(detail(health, "error"), Value::Null, "{name}: {health:?}");
}

/// Asserts that it is DOWN with a reason that has this in it.
#[track_caller]
pub(crate) fn assert_down(name: &str, health: &Health, reason: &str) {
    assert_eq!(*health.status(), Status::DOWN, "{name}: {health:?}");
    let error = detail(health, "error");
    let error = error.as_str().unwrap_or_default();
    assert!(error.contains(reason), "{name}: {health:?}");
}
