//! The program as a platform runs it, with the servers that it is integrated with.
#![cfg(target_os = "linux")]
#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

#[path = "../../../shared/over_http/client.rs"]
mod client;
mod containers;
mod databases;
mod health;
mod integrations;
mod migration;
mod packing;
mod program;
mod prometheus;
mod readme;
mod services;
mod sockets;
mod traces;
mod yaml;
