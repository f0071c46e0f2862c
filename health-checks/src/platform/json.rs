//! The environment as JSON.

use serde_json::{Map, Value, json};

use super::{Environment, Host, Integration, Problem};

pub(super) fn of(environment: &Environment) -> Value {
    let integrations = environment.integrations().iter().map(integration);
    let options = environment.options();
    json!({
        "integrations": integrations.collect::<Vec<_>>(),
        "options": options.map(|(name, value)| (name.to_owned(), value.shown())).collect::<Map<_, _>>(),
        "problems": environment.problems().iter().map(problem).collect::<Vec<_>>(),
    })
}

fn integration(integration: &Integration) -> Value {
    json!({
        "kind": integration.kind().as_str(),
        "variable": integration.variable(),
        "hosts": integration.hosts().iter().map(host).collect::<Vec<_>>(),
        "user": integration.user(),
        "database": integration.database(),
        "checks": integration.check_name().into_iter().collect::<Vec<_>>(),
    })
}

fn host(host: &Host) -> Value {
    json!({"host": host.name(), "port": host.port()})
}

fn problem(problem: &Problem) -> Value {
    json!({"variable": problem.variable(), "reason": problem.reason()})
}
