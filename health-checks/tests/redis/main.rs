//! The Redis check against real servers.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod cluster;
mod odd;
mod roles;
mod suite;
mod tls;

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use health_checks::Redis;
use health_core::{Check, Health, Status};

/// Runs a test while no other of this process runs: the suite counts descriptors and tasks.
fn alone<F: Future>(test: F) -> F::Output {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    tokio::runtime::Runtime::new().unwrap().block_on(test)
}

async fn ask(check: &Redis) -> Health {
    let health = check.check().await;
    health.unwrap_or_else(|error| Health::down().error(error))
}

fn text(health: &Health, name: &str) -> String {
    let value = health.details().get(name).and_then(|value| value.as_str());
    value.unwrap_or_default().to_owned()
}

fn number(health: &Health, name: &str) -> Option<u64> {
    health.details().get(name)?.as_u64()
}

#[track_caller]
fn assert_down(health: &Health, error: &str) {
    assert_eq!(*health.status(), Status::DOWN, "{health:?}");
    assert!(text(health, "error").contains(error), "{health:?}");
}

#[track_caller]
fn assert_up(health: &Health) {
    assert_eq!(*health.status(), Status::UP, "{health:?}");
}
