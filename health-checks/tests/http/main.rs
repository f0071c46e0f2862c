//! The checks over HTTP, against servers on 127.0.0.1.

// The setting for tests covers the test functions themselves and not what they share.
#![allow(clippy::unwrap_used)]

mod cascade;
mod conditions;
mod dependency;
mod failures;
mod proxy;
mod redirects;
mod reuse;
mod runtimes;
mod secrets;
mod server;
mod timings;
mod tls;

use std::sync::Arc;

use health_checks::{Http, ServiceDependency};
use health_core::{Check, Health};

/// Runs a check outside of an engine.
async fn health(check: &impl Check) -> Health {
    check.check().await.unwrap()
}

/// Returns a detail as it would be written, or an empty text.
fn detail(health: &Health, name: &str) -> String {
    match health.details().get(name) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

fn http(url: &str) -> Http {
    Http::new(url).unwrap()
}

fn dependency(url: &str) -> ServiceDependency {
    ServiceDependency::new(url).unwrap()
}

/// Depends on the management endpoints at an address, whatever scheme the environment prefers.
fn dependency_at(address: impl std::fmt::Display) -> ServiceDependency {
    dependency(&format!("http://{address}/z/health"))
}

fn in_group(dependency: &ServiceDependency, group: &str) -> Arc<dyn Check> {
    dependency.for_group(group).unwrap()
}
