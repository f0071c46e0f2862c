//! What `/info` says of the environment.

use health_core::info::InfoBuilder;
use serde_json::{Value, json};

use crate::platform::{Environment, Ignored, Integration, json};

/// What is left out: the page is for whoever may see the application.
const NOT_SHOWN: [&str; 2] = ["user", "database"];

/// Adds `integrations`, `options`, `problems` and `ignored`. They do not change while the process
/// runs.
pub(super) fn add(environment: &Environment, info: InfoBuilder) -> InfoBuilder {
    let integrations: Value = environment.integrations().iter().map(integration).collect();
    let options = json::options(environment);
    let problems = json::problems(environment);
    let ignored: Value = environment.ignored().iter().map(ignored).collect();
    info.contributor("integrations", move || integrations.clone())
        .contributor("options", move || options.clone())
        .contributor("problems", move || problems.clone())
        .contributor("ignored", move || ignored.clone())
}

fn integration(integration: &Integration) -> Value {
    let mut told = json::integration(integration);
    if let Some(told) = told.as_object_mut() {
        told.retain(|name, _| !NOT_SHOWN.contains(&name.as_str()));
    }
    told
}

fn ignored(ignored: &Ignored) -> Value {
    json!({"variable": ignored.variable(), "reason": ignored.reason()})
}
