//! The Redis check against real servers.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod cluster;
mod odd;
mod roles;
#[path = "../shared/mod.rs"]
mod shared;
mod suite;
mod tls;

use health_core::{Health, Status};

use crate::shared::{alone, ask, text};

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
