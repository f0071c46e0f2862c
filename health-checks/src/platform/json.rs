//! The environment as JSON.

use serde_json::{Map, Value, json};

use super::{Environment, Host, Integration, Problem};

pub(super) fn of(environment: &Environment) -> Value {
    let integrations = environment.integrations().iter().map(integration);
    json!({
        "integrations": integrations.collect::<Value>(),
        "options": options(environment),
        "problems": problems(environment),
    })
}

pub(super) fn integration(integration: &Integration) -> Value {
    json!({
        "kind": integration.kind().as_str(),
        "variable": integration.variable(),
        "hosts": integration.hosts().iter().map(host).collect::<Value>(),
        "user": integration.user(),
        "database": integration.database(),
        "checks": integration.check_name().into_iter().collect::<Value>(),
    })
}

pub(super) fn options(environment: &Environment) -> Value {
    let options = environment.options();
    let shown = options.map(|(name, value)| (name.to_owned(), value.shown()));
    shown.collect::<Map<_, _>>().into()
}

pub(super) fn problems(environment: &Environment) -> Value {
    environment.problems().iter().map(problem).collect()
}

fn host(host: &Host) -> Value {
    json!({"host": host.name(), "port": host.port()})
}

fn problem(problem: &Problem) -> Value {
    json!({"variable": problem.variable(), "reason": problem.reason()})
}
