#![doc = include_str!("../README.md")]

mod endpoints;
mod fairing;
mod handler;
mod middleware;
mod translate;

pub use health_core as core;
pub use health_core::{Identity, Management};

pub use crate::{
    endpoints::{Endpoints, endpoints},
    middleware::{
        LogFairing, MAX_HELD_LINES, MetricsFairing, NoLogFilter, RocketLog, init_log, log_fairing,
        metrics_fairing,
    },
};
