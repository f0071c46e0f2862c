//! What goes around the application: its metrics, and its log without successful probes.

mod metrics;
mod mounts;
mod no_log;

pub(crate) use self::no_log::is_used;
pub use self::{
    metrics::{MetricsFairing, metrics_fairing},
    no_log::{LogFairing, MAX_HELD_LINES, NoLogFilter, RocketLog, init_log, log_fairing},
};
