#![doc = include_str!("../README.md")]

mod middleware;
mod router;
mod service;

pub use health_core as core;
pub use health_core::{Endpoints, Identity, Management};

#[cfg(feature = "trace")]
pub use crate::middleware::trace_layer;
#[cfg(feature = "subscriber")]
pub use crate::middleware::{NoLogFilter, no_log_filter};
pub use crate::{
    middleware::{
        MetricsFuture, MetricsLayer, MetricsService, NoLogFuture, NoLogLayer, NoLogService, Replay,
        metrics_layer, no_log,
    },
    router::{endpoints, nested},
    service::{EndpointService, ResponseFuture},
};
