#![doc = include_str!("../README.md")]

mod metrics;
mod no_log;
mod router;
mod service;

pub use health_core as core;
pub use health_core::{Endpoints, Identity, Management};

#[cfg(feature = "trace")]
pub use crate::no_log::trace_layer;
#[cfg(feature = "subscriber")]
pub use crate::no_log::{NoLogFilter, no_log_filter};
pub use crate::{
    metrics::{MetricsFuture, MetricsLayer, MetricsService, metrics_layer},
    no_log::{NoLogFuture, NoLogLayer, NoLogService, Replay, no_log},
    router::{endpoints, nested},
    service::{EndpointService, ResponseFuture},
};
