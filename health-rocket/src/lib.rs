#![doc = include_str!("../README.md")]

mod endpoints;
mod fairing;
mod handler;
mod metrics;
mod no_log;
mod translate;

pub use health_core as core;
pub use health_core::{Identity, Management};

pub use crate::{
    endpoints::{Endpoints, endpoints},
    metrics::{MetricsFairing, metrics_fairing},
    no_log::{
        LogFairing, MAX_HELD_LINES, MAX_HELD_REQUESTS, MAX_HOLD, NoLogFilter, RocketLog, init_log,
        log_fairing,
    },
};
