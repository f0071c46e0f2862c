#![doc = include_str!("../README.md")]

mod endpoints;
mod middleware;
mod translate;

pub use health_core as core;
pub use health_core::{Identity, Management, Server};

pub use crate::{
    endpoints::{Endpoints, RESOURCE_NAME, endpoints},
    middleware::{NoLog, NoSpan, metrics, no_log, no_span},
};
