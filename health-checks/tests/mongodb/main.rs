//! The MongoDB check, by the driver, against a server of our own.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod members;
mod server;
#[path = "../shared/mod.rs"]
mod shared;
mod suite;

use health_core::{Health, Status};

use crate::shared::{alone, ask, text};

#[track_caller]
fn assert_down(health: &Health, error: &str) {
    assert_eq!(*health.status(), Status::DOWN, "{health:?}");
    assert!(text(health, "error").contains(error), "{health:?}");
}

#[track_caller]
fn assert_up(health: &Health) {
    assert_eq!(*health.status(), Status::UP, "{health:?}");
}
