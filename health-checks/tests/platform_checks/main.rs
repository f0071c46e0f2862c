//! The checks that an environment registers, against real servers.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod asked;
mod brokers;
mod databases;
mod declared;
mod hostile;
#[allow(dead_code, reason = "the tests of the check itself need all of it")]
#[path = "../mongodb/server.rs"]
mod mongodb_server;
mod outside;
mod proxies;
mod saml;
mod secrets;
mod unreadable;
