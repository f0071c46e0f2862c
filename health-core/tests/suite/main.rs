//! Tests of the whole crate through its public API: a plain request in, a plain response out.

#![expect(
    clippy::panic,
    reason = "a helper of a test fails, or panics on purpose, by panicking"
)]

mod support;

mod availability;
mod engine_bounds;
mod engine_faults;
mod engine_runtimes;
mod engine_time;
mod golden;
mod groups;
mod healthz;
mod hostile;
mod methods;
mod mounting;
mod negotiation;
mod nested;
mod paths;
mod service;
mod setup;
mod statuses;
mod trail;
mod version;
mod visibility;
