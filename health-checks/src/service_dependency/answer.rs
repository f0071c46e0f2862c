//! What another application answered, as a health of ours.

use health_core::{Health, Status};
use reqwest::{StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::web::Answer;

/// How deep the components of another application are taken over; those further below are left
/// out. A chain of applications adds one level with each of them.
pub const MAX_COMPONENT_DEPTH: usize = 16;

/// How many details of one component are taken over; those beyond are left out.
const MAX_DETAILS: usize = 1_000;

/// The longest status code that counts as one, in characters.
const MAX_CODE_LENGTH: usize = 64;

/// Reads an answer.
///
/// # Errors
/// Says why it tells no status.
pub(super) fn read(answer: &Answer) -> Result<Health, String> {
    let code = answer.status.as_u16();
    let Ok(Value::Object(root)) = serde_json::from_slice(&answer.body) else {
        return Err(format!("answered {code} without a JSON object"));
    };
    let Some(status) = status_of(&root) else {
        return Err(format!("answered {code} with JSON that has no status"));
    };
    let shape = Shape::of(answer);
    if status == Status::UP && answer.status == StatusCode::OK {
        return Ok(shape.health(status, root, MAX_COMPONENT_DEPTH));
    }
    let counts_as = match &status {
        unclear if [Status::UP, Status::UNKNOWN].contains(unclear) => Status::DOWN,
        clear => clear.clone(),
    };
    let health = shape.health(counts_as, root, MAX_COMPONENT_DEPTH);
    // An error that the other side tells itself is nearer to the cause.
    Ok(match health.details().get("error") {
        Some(_) => health,
        None => health.detail("error", format!("answered {status} with the code {code}")),
    })
}

/// Returns the status of a node, unless it is none that could stand on the wire: it is shown where
/// details are hidden.
fn status_of(node: &Map<String, Value>) -> Option<Status> {
    let code = node.get("status")?.as_str()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let is_code = (1..=MAX_CODE_LENGTH).contains(&code.len()) && code.bytes().all(is_plain);
    is_code.then(|| Status::new(code))
}

/// Tells where an answer has its components.
/// Source: Spring Boot's actuator API, versions 2 and 3.
#[derive(Clone, Copy)]
enum Shape {
    /// Under `components` only.
    Version3,
    /// Under `details` too, next to what are details indeed.
    Mixed,
}

impl Shape {
    fn of(answer: &Answer) -> Self {
        let content_type = answer
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        match content_type {
            Some(text) if text.to_ascii_lowercase().contains(".actuator.v3+json") => Self::Version3,
            _ => Self::Mixed,
        }
    }

    /// Takes a node over, with as many levels of components below it.
    fn health(self, status: Status, mut node: Map<String, Value>, levels: usize) -> Health {
        let mut health = Health::new(status);
        if let Some(Value::String(description)) = node.remove("description") {
            health = health.description(description);
        }
        for (name, component) in entries(&mut node, "components") {
            health = self.with_component(health, name, component, levels);
        }
        for (name, value) in entries(&mut node, "details").into_iter().take(MAX_DETAILS) {
            let is_component =
                matches!(self, Self::Mixed) && value.as_object().and_then(status_of).is_some();
            health = match is_component {
                true => self.with_component(health, name, value, levels),
                false => health.detail(name, value),
            };
        }
        health
    }

    fn with_component(self, health: Health, name: String, node: Value, levels: usize) -> Health {
        let Some(levels) = levels.checked_sub(1) else {
            return health;
        };
        let node = match node {
            Value::Object(node) => node,
            _ => Map::new(),
        };
        let status = status_of(&node).unwrap_or(Status::UNKNOWN);
        health.component(name, self.health(status, node, levels))
    }
}

fn entries(node: &mut Map<String, Value>, key: &str) -> Map<String, Value> {
    match node.remove(key) {
        Some(Value::Object(entries)) => entries,
        _ => Map::new(),
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
