//! The tests that all examples share, with this example's program, and the rules of the wire.
#![cfg(unix)]

#[cfg(test)]
#[path = "../../../shared/over_http/mod.rs"]
mod over_http;
#[cfg(test)]
mod root_page;
#[cfg(test)]
mod wire;

#[cfg(test)]
const PROGRAM: &str = env!("CARGO_BIN_EXE_example-axum");
