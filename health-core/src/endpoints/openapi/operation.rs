//! One `GET` of the description.

use serde_json::{Map, Value, json};

/// A `GET` with its parameters and responses.
pub(super) struct Operation {
    summary: String,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

/// The media types of a response with their schemas.
pub(super) type Contents = Option<Map<String, Value>>;

/// Gives several media types the same schema.
pub(super) fn contents<'a>(types: impl IntoIterator<Item = &'a str>, schema: &Value) -> Contents {
    let contents = types
        .into_iter()
        .map(|content_type| (content_type.to_owned(), json!({ "schema": schema })));
    Some(contents.collect())
}

pub(super) fn path_parameter(name: &str, description: &str, schema: Value) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

impl Operation {
    pub(super) fn new(summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            parameters: Vec::new(),
            responses: Map::new(),
        }
    }

    pub(super) fn parameter(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Adds a response that nobody may store.
    pub(super) fn response(self, code: u16, description: &str, contents: Contents) -> Self {
        let headers = json!({ "Cache-Control": header(json!({ "const": "no-store" })) });
        self.insert(code.to_string(), description, contents, headers)
    }

    /// Adds a response that is compared with a stored one before each use.
    pub(super) fn stable_response(self, code: u16, description: &str, contents: Contents) -> Self {
        let headers = json!({
            "Cache-Control": header(json!({ "const": "no-cache" })),
            "ETag": header(json!({ "type": "string", "pattern": "^\"[0-9a-f]{16}\"$" })),
            "Vary": header(json!({ "const": "accept" })),
        });
        self.insert(code.to_string(), description, contents, headers)
    }

    /// Adds what is answered with any code that is not listed.
    pub(super) fn response_of_other_codes(self, description: &str, contents: Contents) -> Self {
        self.insert("default".to_owned(), description, contents, json!({}))
    }

    fn insert(
        mut self,
        code: String,
        description: &str,
        contents: Contents,
        headers: Value,
    ) -> Self {
        let mut response = json!({ "description": description, "headers": headers });
        if let Some(contents) = contents {
            response["content"] = contents.into();
        }
        self.responses.insert(code, response);
        self
    }

    pub(super) fn into_path_item(self) -> Value {
        let Self {
            summary,
            parameters,
            responses,
        } = self;
        let mut operation = json!({ "summary": summary, "responses": responses });
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        json!({ "get": operation })
    }
}

fn header(schema: Value) -> Value {
    json!({ "required": true, "schema": schema })
}
