//! What `/info` says of the environment.

use health_core::info::InfoBuilder;
use serde_json::{Map, Value, json};

use crate::platform::{Environment, Integration};

/// Adds `integrations`, `options`, `problems` and `ignored`. They do not change while the process
/// runs.
pub(super) fn add(environment: &Environment, info: InfoBuilder) -> InfoBuilder {
    let integrations: Value = environment.integrations().iter().map(integration).collect();
    let options = environment.options();
    let options: Map<_, _> = options
        .map(|(name, value)| (name.to_owned(), value.shown()))
        .collect();
    let problems = environment.problems().iter();
    let problems: Value = problems
        .map(|problem| reason(problem.variable(), problem.reason()))
        .collect();
    let ignored = environment.ignored().iter();
    let ignored: Value = ignored
        .map(|ignored| reason(ignored.variable(), ignored.reason()))
        .collect();
    info.contributor("integrations", move || integrations.clone())
        .contributor("options", move || options.clone())
        .contributor("problems", move || problems.clone())
        .contributor("ignored", move || ignored.clone())
}

/// Users and databases are left out: the page is for whoever may see the application.
fn integration(integration: &Integration) -> Value {
    let hosts = integration.hosts().iter();
    let hosts: Value = hosts
        .map(|host| json!({"host": host.name(), "port": host.port()}))
        .collect();
    let checks: Value = integration.check_name().into_iter().collect();
    json!({
        "kind": integration.kind().as_str(),
        "variable": integration.variable(),
        "hosts": hosts,
        "checks": checks,
    })
}

fn reason(variable: &str, reason: &str) -> Value {
    json!({"variable": variable, "reason": reason})
}
