//! The JSON schemas of the bodies.
//!
//! Source: JSON Schema 2020-12, the dialect of OpenAPI 3.1.

use serde_json::{Map, Value, json};

use crate::{Status, visibility::Shown, wire::ApiVersion};

/// The schemas that refer to themselves, by name; only those that are used.
#[derive(Default)]
pub(super) struct Schemas(Map<String, Value>);

impl Schemas {
    pub(super) fn into_json(self) -> Value {
        self.0.into()
    }

    /// Returns the schema of Spring's body.
    pub(super) fn actuator(
        &mut self,
        shown: Shown,
        version: ApiVersion,
        statuses: &[Status],
    ) -> Value {
        let name = format!("{}{version:?}", name("Health", shown));
        let itself = reference(&name);
        let parts = json!({ "type": "object", "minProperties": 1, "additionalProperties": itself });
        let values = json!({ "type": "object", "minProperties": 1 });
        let statuses: Vec<&str> = statuses.iter().map(Status::code).collect();
        let mut properties = json!({
            "status": { "type": "string", "examples": statuses },
            "description": { "type": "string" },
            "groups": { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        });
        match version {
            ApiVersion::V3 => {
                set_if(shown.components, &mut properties, "components", parts);
                set_if(shown.details, &mut properties, "details", values);
            }
            ApiVersion::V2 if shown.details => set_if(true, &mut properties, "details", values),
            ApiVersion::V2 => set_if(shown.components, &mut properties, "details", parts),
        }
        self.0.insert(name, closed(properties, &["status"]));
        itself
    }

    /// Returns the schema of `application/health+json`.
    pub(super) fn health_json(&mut self, shown: Shown, has_times: bool) -> Value {
        let name = name("HealthJson", shown);
        let word = json!({ "enum": ["pass", "warn", "fail"] });
        let mut check = json!({
            "componentId": { "type": "string" },
            "componentType": { "const": "component" },
            "observedValue": { "type": ["string", "number"] },
            "observedUnit": { "const": "ms" },
            "status": word,
            "description": { "type": "string" },
        });
        set_if(has_times, &mut check, "time", date_time());
        set_if(
            shown.details,
            &mut check,
            "output",
            json!({ "type": "string" }),
        );
        let check = closed(
            check,
            &["componentId", "componentType", "observedValue", "status"],
        );
        let mut properties = json!({
            "status": word,
            "version": { "type": "string" },
            "serviceId": { "type": "string" },
            "description": { "type": "string" },
        });
        set_if(
            shown.details,
            &mut properties,
            "output",
            json!({ "type": "string" }),
        );
        let checks = json!({ "type": "array", "items": check, "minItems": 1 });
        let checks =
            json!({ "type": "object", "minProperties": 1, "additionalProperties": checks });
        set_if(shown.components, &mut properties, "checks", checks);
        self.0
            .insert(name.clone(), closed(properties, &["status", "serviceId"]));
        reference(&name)
    }
}

pub(super) fn links() -> Value {
    let link = closed(
        json!({ "href": { "type": "string" }, "templated": { "type": "boolean" } }),
        &["href", "templated"],
    );
    closed(
        json!({ "_links": { "type": "object", "additionalProperties": link } }),
        &["_links"],
    )
}

pub(super) fn info() -> Value {
    let app = json!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "version": { "type": "string" } },
        "required": ["name"],
    });
    json!({ "type": "object", "properties": { "app": app }, "required": ["app"] })
}

pub(super) fn transitions() -> Value {
    let text = json!({ "type": "string" });
    let transition = closed(
        json!({ "at": date_time(), "component": text, "group": text, "from": text, "to": text, "reason": text }),
        &["at", "component", "to"],
    );
    closed(
        json!({ "transitions": { "type": "array", "items": transition } }),
        &["transitions"],
    )
}

pub(super) fn problem() -> Value {
    closed(
        json!({ "status": { "type": "integer" }, "title": { "type": "string" } }),
        &["status", "title"],
    )
}

fn name(of: &str, shown: Shown) -> String {
    let components = if shown.components { "Components" } else { "" };
    let details = if shown.details { "Details" } else { "" };
    format!("{of}{components}{details}")
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn date_time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// Describes an object that has no other members.
fn closed(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn set_if(is_set: bool, properties: &mut Value, name: &str, schema: Value) {
    if is_set {
        properties[name] = schema;
    }
}
