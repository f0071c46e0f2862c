#![doc = include_str!("../README.md")]

mod aggregate;
mod availability;
mod build_error;
mod call;
mod check;
mod component;
mod details;
mod endpoints;
mod engine;
mod file_heartbeat;
mod group;
#[cfg(feature = "grpc")]
pub mod grpc;
mod health;
mod heartbeat;
mod http_mapping;
mod http_metrics;
pub mod info;
mod lint;
mod management;
mod no_log;
mod own_thread;
mod panic_text;
mod plan;
pub mod probe;
mod probes;
mod redact;
mod report;
#[cfg(feature = "server")]
mod server;
#[cfg(feature = "signal")]
mod shutdown;
mod status;
#[cfg(feature = "test-util")]
pub mod test_util;
mod trail;
mod version;
mod visibility;
mod wire;

pub use async_trait::async_trait;

pub use crate::{
    aggregate::{DEFAULT_STATUS_ORDER, Severity, SeverityOrder, StatusAggregator},
    availability::{Availability, LivenessState, ReadinessState},
    build_error::BuildError,
    call::{BUDGET_HEADER, Call},
    check::{Check, CheckError, CheckResult, Scope, blocking},
    component::Component,
    details::Details,
    endpoints::{Endpoints, EndpointsFuture, FormedReply, Headers, Reply, Request},
    engine::{
        DEFAULT_ANSWER_MARGIN, DEFAULT_CONCURRENCY, DEFAULT_DEADLINE, DEFAULT_DETAILS_LIMIT_BYTES,
        DEFAULT_FAILURE_THRESHOLD, DEFAULT_INTERVAL, DEFAULT_JITTER_PERCENT, DEFAULT_POLL_BUDGET,
        DEFAULT_SLOW_AFTER, DEFAULT_STALE_INTERVALS, DEFAULT_SUCCESS_THRESHOLD,
        DEFAULT_TRANSITIONS_KEPT, DEFAULT_TTL, Impact, Refresh, Transition,
    },
    file_heartbeat::{DEFAULT_FILE_INTERVAL, DEFAULT_FILE_MAX_AGE, FileHeartbeat, HeartbeatFile},
    group::{Group, LIVENESS, READINESS, STARTUP, Server},
    health::{Health, IntoHealth},
    heartbeat::{
        DEFAULT_HEARTBEAT_INTERVAL, DEFAULT_STARVED_AFTER, DEFAULT_WEDGED_AFTER, RuntimeWatch,
    },
    http_mapping::{HttpMapper, HttpMapping},
    http_metrics::{
        CLIENT_CLOSED_REQUEST, DURATION_BUCKETS, HttpMetrics, MAX_HTTP_SERIES, OTHER,
        RequestInFlight,
    },
    management::{
        Builder, ComponentState, DEFAULT_BASE_PATH, DEFAULT_DRAIN_GRACE, DEFAULT_HEALTHZ_PATH,
        DISABLED_CHECKS_VARIABLE, Evidence, MAX_DURATION, MAX_NAME_CHARACTERS, Management, Route,
        UnknownComponent,
    },
    no_log::NoLog,
    probes::{
        DEFAULT_LIVENESS_PROBE, DEFAULT_READINESS_PROBE, DEFAULT_STARTUP_PROBE, Probe, Probes,
    },
    redact::{MASK, RedactedUrl, Secret, is_secret_name},
    status::Status,
    trail::{DEFAULT_MAX_HOPS, TRAIL_HEADER, VIA_HEADER},
    version::{
        AsyncClosure, IntoVersion, IntoVersionResult, SyncClosure, Text, UNKNOWN_VERSION,
        VERSION_VARIABLE, Version, VersionResult,
    },
    visibility::{Identity, Show},
};

#[cfg(feature = "server")]
pub use crate::server::{
    DEFAULT_HEADER_TIMEOUT, DEFAULT_MAX_CONNECTIONS, ManagementServer, ServerBuilder,
};
