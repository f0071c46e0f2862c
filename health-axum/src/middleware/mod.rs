//! What goes around the application: its metrics, and its log without successful probes.

mod metrics;
mod no_log;
mod replay;
#[cfg(feature = "subscriber")]
mod subscriber;

#[cfg(feature = "trace")]
pub use self::no_log::trace_layer;
#[cfg(feature = "subscriber")]
pub use self::subscriber::{NoLogFilter, no_log_filter};
pub use self::{
    metrics::{MetricsFuture, MetricsLayer, MetricsService, metrics_layer},
    no_log::{NoLogFuture, NoLogLayer, NoLogService, no_log},
    replay::Replay,
};
