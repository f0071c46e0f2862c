//! Spans of requests reach a receiver, and those of successful probes are not made.

use std::collections::BTreeSet;

use check_testing::{servers::otlp::OtlpReceiver, wait_until};

use crate::{
    databases,
    program::{LIMIT, Web},
};

#[test]
fn requests_arrive_and_successful_probes_do_not() {
    let receiver = OtlpReceiver::start();
    let endpoint = receiver.endpoint();
    let database = databases::empty("traces");
    let web = Web::start(
        &database,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_SERVICE_NAME", "shop"),
        ],
    );
    web.service.wait_for_log("migrated");
    for path in [
        "/z/health",
        "/z/health/liveness",
        "/z/info",
        "/metrics",
        "/orders",
    ] {
        assert_eq!(web.get(path).code(), 200, "{path}");
    }
    assert_eq!(web.get("/z/health/nowhere").code(), 404);
    wait_until("both spans have come", LIMIT, || {
        receiver.spans().len() >= 2
    });
    web.service.end();
    let spans: BTreeSet<String> = receiver.spans().into_iter().collect();
    assert_eq!(spans.len(), 2, "{spans:?}");
    assert!(spans.contains("GET /orders"), "{spans:?}");
    assert!(
        spans.iter().any(|span| span.starts_with("GET /z/")),
        "{spans:?}"
    );
    for request in receiver.requests() {
        assert_eq!(request["path"], "/v1/traces");
        let attributes = &request["body"]["resourceSpans"][0]["resource"]["attributes"];
        assert!(attributes.to_string().contains("\"shop\""), "{attributes}");
    }
}
