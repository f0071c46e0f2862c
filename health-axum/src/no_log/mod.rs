//! No trace of successful probes: around any layer, or inside of the subscriber.

mod layer;
mod replay;
#[cfg(feature = "subscriber")]
mod subscriber;

#[cfg(feature = "trace")]
pub use layer::trace_layer;
pub use layer::{NoLogFuture, NoLogLayer, NoLogService, no_log};
pub use replay::Replay;
#[cfg(feature = "subscriber")]
pub use subscriber::{NoLogFilter, no_log_filter};
