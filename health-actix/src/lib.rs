#![doc = include_str!("../README.md")]

mod endpoints;
mod metrics;
mod no_log;
mod no_span;
mod translate;

pub use health_core as core;
pub use health_core::{Identity, Management, Server};

pub use crate::{
    endpoints::{Endpoints, RESOURCE_NAME, endpoints},
    metrics::{Metrics, metrics},
    no_log::{NoLog, no_log},
    no_span::{NoSpan, no_span},
};

/// The future of a middleware: each worker of actix-web is a thread of its own.
type LocalFuture<T> = std::pin::Pin<Box<dyn Future<Output = T>>>;
