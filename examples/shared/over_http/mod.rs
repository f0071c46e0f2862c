//! The examples as their users meet them: the program is run, and asked over HTTP.
//!
//! Each example compiles this folder into its own tests, and says in `PROGRAM` what to run.

pub(crate) mod client;
mod deployment;
mod drain;
mod healthcheck;
mod processes;
pub(crate) mod program;
mod readme;
mod story;
