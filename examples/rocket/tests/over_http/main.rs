//! The tests that all examples share, with this example's program.
#![cfg(unix)]

#[cfg(test)]
#[path = "../../../shared/over_http/mod.rs"]
mod over_http;

#[cfg(test)]
const PROGRAM: &str = env!("CARGO_BIN_EXE_example-rocket");
