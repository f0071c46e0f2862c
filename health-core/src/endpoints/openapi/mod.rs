//! `/openapi.json`: the endpoints as they are set up, for whoever asks.
//!
//! What the asker does not see is not described: hidden components are not named and have no place
//! in the schemas. `HEAD` and `OPTIONS` are answered wherever `GET` is, and not described each time.
//! The headers that applications with these endpoints send to each other are left out.
//!
//! Source: OpenAPI Specification 3.1.0.

mod health;
mod operation;
mod schemas;

use http::StatusCode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use self::{
    operation::{Operation, contents, path_parameter},
    schemas::Schemas,
};
use super::{Reply, Request, healthz, negotiation, prometheus::Exposition, response, transitions};
use crate::{Management, UNKNOWN_VERSION, version::Source, wire::to_sorted_json};

const VERSION: &str = "3.1.0";
const CONTENT_TYPE: &str = "application/json";
const OWN_PATH: &str = "/openapi.json";

/// What stands for itself in a path and has no meaning in a path template.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn answer(management: &Management, request: &Request<'_>) -> Reply {
    let document = Document::new(management, request).finish();
    response::with_body(StatusCode::OK, CONTENT_TYPE, to_sorted_json(&document)).into()
}

/// The description while it grows.
struct Document<'a> {
    management: &'a Management,
    request: &'a Request<'a>,
    /// Where the application's root is, as the client sees it: empty, unless the framework took a
    /// prefix off.
    root: &'a str,
    /// The base path as the client sees it.
    base: &'a str,
    paths: Map<String, Value>,
    schemas: Schemas,
}

impl<'a> Document<'a> {
    fn new(management: &'a Management, request: &'a Request<'a>) -> Self {
        let base = request
            .sent_path
            .strip_suffix(OWN_PATH)
            .unwrap_or(management.base_path());
        let root = base
            .strip_suffix(management.base_path())
            .unwrap_or_default();
        Self {
            management,
            request,
            root,
            base,
            paths: Map::new(),
            schemas: Schemas::default(),
        }
    }

    fn finish(mut self) -> Value {
        self.fixed_endpoints();
        self.health();
        self.healthz();
        let management = self.management;
        json!({
            "openapi": VERSION,
            "info": {
                "title": format!("Management endpoints of {}", management.name()),
                "description": "Each path that answers GET answers HEAD and OPTIONS too.",
                "version": management.0.version.fixed().unwrap_or(UNKNOWN_VERSION),
            },
            "paths": self.paths,
            "components": { "schemas": self.schemas.into_json() },
        })
    }

    /// Adds a path below the base path.
    fn add(&mut self, path: &str, operation: Operation) {
        self.paths
            .insert(format!("{}{path}", self.base), operation.into_path_item());
    }

    fn fixed_endpoints(&mut self) {
        let json_contents = |schema: Value| contents(negotiation::Format::content_types(), &schema);
        let negotiated = |summary, schema| {
            let operation = Operation::new(summary).response(200, "Found.", json_contents(schema));
            operation.response(406, "None of the media types is acceptable.", None)
        };
        if self.management.0.paths.has_discovery && !self.base.is_empty() {
            self.add("", negotiated("Links to the endpoints", schemas::links()));
        }
        self.add(
            "/info",
            negotiated("The application and where it runs", schemas::info()),
        );
        self.add("/version", self.version());
        if transitions::is_shown(self.management, self.request) {
            let summary = "The last changes of status, the oldest first";
            self.add("/transitions", negotiated(summary, schemas::transitions()));
        }
        if self.management.has_endpoint("/prometheus") {
            let types = [Exposition::Text, Exposition::OpenMetrics].map(Exposition::content_type);
            let operation = Operation::new("The answers of health as metrics");
            let found = contents(types, &json!({ "type": "string" }));
            self.add(
                "/prometheus",
                operation.response(200, "Found, whatever the status.", found),
            );
        }
        let found = contents(
            [CONTENT_TYPE],
            &json!({ "type": "object", "required": ["openapi"] }),
        );
        self.add(
            OWN_PATH,
            Operation::new("This document").response(200, "Found.", found),
        );
    }

    fn version(&self) -> Operation {
        let text = || contents([negotiation::TEXT], &json!({ "type": "string" }));
        let operation =
            Operation::new("The version of the application").response(200, "Found.", text());
        match self.management.0.version.0 {
            Source::Fixed(_) => operation,
            Source::Computed(_) => operation
                .response(500, "The version is not available.", text())
                .response_of_other_codes("What the application decided.", text()),
        }
    }

    fn healthz(&mut self) {
        let names: Vec<&String> = self.management.0.healthz.keys().collect();
        if names.is_empty() {
            return;
        }
        let content = || contents([healthz::CONTENT_TYPE], &schemas::problem());
        let operation = Operation::new("One named check")
            .parameter(path_parameter(
                "name",
                "The name of the check.",
                json!({ "type": "string", "enum": names }),
            ))
            .response(200, "The check succeeds.", content())
            .response(
                503,
                "The check fails, for the reason in the title.",
                content(),
            )
            .response(404, "There is no such check.", content());
        let path = format!("{}{}/{{name}}", self.root, self.management.0.paths.healthz);
        self.paths.insert(path, operation.into_path_item());
    }
}

/// Writes a name as the segment of a path.
fn segment(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}
