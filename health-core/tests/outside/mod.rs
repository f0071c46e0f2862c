//! What the tests of our own threads share: a client that needs no runtime, and what was logged.

#![allow(dead_code, reason = "each test crate uses a part")]

pub(crate) mod client;
pub(crate) mod logs;
