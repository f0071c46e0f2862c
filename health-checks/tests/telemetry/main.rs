//! Logs and traces leave the process as they are expected elsewhere.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use check_testing::servers::otlp::OtlpReceiver;
use health_checks::Telemetry;
use serde_json::Value;
use tracing::subscriber::with_default;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn telemetry(variables: &[(&str, &str)], written: &Written) -> Telemetry {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let writer = written.clone();
    Telemetry::from_environment("orders", variable)
        .unwrap()
        .log_writer(BoxMakeWriter::new(move || writer.clone()))
}

#[tokio::test]
async fn spans_arrive_at_a_receiver_under_the_name_of_the_service() {
    let receiver = OtlpReceiver::start();
    let endpoint = receiver.endpoint();
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_SERVICE_NAME", "shop"),
        ("RUST_LOG", "trace"),
    ];
    let (subscriber, guard) = telemetry(&variables, &Written::default())
        .subscriber()
        .unwrap();
    assert!(guard.exports_traces());
    with_default(subscriber, || {
        let outer = tracing::info_span!("GET /orders/{id}", http.response.status_code = 200);
        outer.in_scope(|| tracing::info_span!("query").in_scope(|| tracing::info!("found")));
        tracing::info_span!(target: "hyper::client", "carrier").in_scope(|| ());
        tracing::debug_span!("detail").in_scope(|| ());
        tracing::debug_span!(target: "tower_http::trace::make_span", "request").in_scope(|| ());
    });
    drop(guard);

    assert_eq!(receiver.spans(), ["query", "request", "GET /orders/{id}"]);
    let requests = receiver.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["path"], "/v1/traces");
    assert_eq!(requests[0]["type"], "application/x-protobuf");
    let attributes = &requests[0]["body"]["resourceSpans"][0]["resource"]["attributes"];
    let service = attributes
        .as_array()
        .unwrap()
        .iter()
        .find(|attribute| attribute["key"] == "service.name")
        .unwrap();
    assert_eq!(service["value"]["stringValue"], "shop");
}

#[test]
fn without_an_endpoint_nothing_is_exported_and_logs_are_one_object_a_line() {
    let written = Written::default();
    let (subscriber, guard) = telemetry(&[], &written).subscriber().unwrap();
    assert!(!guard.exports_traces());
    with_default(subscriber, || {
        let span = tracing::info_span!("request", id = 7);
        span.in_scope(|| tracing::warn!(order = 3, "a \"quoted\"\nline"));
        tracing::debug!("not at this level");
    });
    let text = written.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [line] = lines.as_slice() else {
        panic!("{text}")
    };
    assert_eq!(line["level"], "WARN");
    assert_eq!(line["message"], "a \"quoted\"\nline");
    assert_eq!(line["order"], 3);
    assert_eq!(line["span"]["id"], 7);
}

#[tokio::test]
async fn a_receiver_that_is_away_costs_a_warning_and_nothing_else() {
    let written = Written::default();
    let nobody = format!("http://127.0.0.1:{}", check_testing::free_port());
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", nobody.as_str())];
    let guard = telemetry(&variables, &written).install().unwrap();
    assert!(telemetry(&[], &written).install().is_err(), "a second time");
    tracing::info_span!("request").in_scope(|| ());
    drop(guard);
    tracing::info!("still here");
    let text = written.text();
    assert!(text.contains("telemetry data will be lost"), "{text}");
    assert!(text.contains("still here"), "{text}");
}
