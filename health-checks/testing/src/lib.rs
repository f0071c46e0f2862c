//! Real servers for tests, and the suite that every check passes.
//!
//! A test starts the servers that it asks, on ports and in temporary folders of their own, and
//! kills them by dropping them; they die with the test process whatever becomes of it. A program
//! that is missing is a failure that names the command which installs it.

#![allow(
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod authority;
mod folder;
mod ports;
mod process;
mod relay;
pub mod servers;
mod suite;
mod wait;

pub use crate::{
    authority::{Authority, Identity},
    folder::Folder,
    ports::{Refusing, free_port},
    process::Process,
    relay::{Mode, Relay},
    suite::{Restart, Subject, Suite},
    wait::{eventually, wait_until},
};
