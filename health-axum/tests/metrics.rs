//! The application's own requests among the metrics.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{convert::Infallible, future::pending};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::StatusCode,
    routing::get,
};
use health_axum::Management;
use tower_service::Service;

fn app() -> (Router, Management) {
    let management = Management::builder("orders")
        .metrics_path("/metrics")
        .build()
        .unwrap();
    let app = Router::new()
        .route("/orders/{id}", get(async || "an order"))
        .route("/never", get(pending::<String>))
        .merge(health_axum::endpoints(&management))
        .layer(health_axum::metrics_layer(&management));
    (app, management)
}

async fn ask(app: &mut Router, method: &str, path: &str) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(path);
    let answer: Result<_, Infallible> = app.call(request.body(Body::empty()).unwrap()).await;
    let answer = answer.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn requests_are_counted_by_route_and_code_and_probes_are_not() {
    let (mut app, _management) = app();
    for (method, path) in [
        ("GET", "/orders/1"),
        ("GET", "/orders/2?x=y"),
        ("POST", "/orders/3"),
        ("GET", "/nowhere"),
        ("GET", "/z/health/liveness"),
        ("GET", "/z/health/no-such"),
        ("GET", "/metrics"),
    ] {
        ask(&mut app, method, path).await;
    }
    let never = ask(&mut app, "GET", "/never");
    tokio::select! {
        biased;
        _ = never => {}
        () = tokio::task::yield_now() => {}
    }

    let (status, metrics) = ask(&mut app, "GET", "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_"))
        .collect();
    assert_eq!(
        counted,
        [
            "http_requests_in_flight 0",
            r#"http_requests_total{method="GET",handler="/never",status="499"} 1"#,
            r#"http_requests_total{method="GET",handler="/orders/{id}",status="200"} 2"#,
            r#"http_requests_total{method="GET",handler="other",status="404"} 1"#,
            r#"http_requests_total{method="POST",handler="/orders/{id}",status="405"} 1"#,
        ]
    );
    for sample in [
        r#"http_request_duration_seconds_bucket{method="GET",handler="/orders/{id}",le="0.005"}"#,
        r#"http_request_duration_seconds_bucket{method="GET",handler="/orders/{id}",le="+Inf"} 2"#,
        r#"http_request_duration_seconds_count{method="GET",handler="/orders/{id}"} 2"#,
        r#"http_request_duration_seconds_sum{method="GET",handler="/orders/{id}"}"#,
    ] {
        assert!(metrics.contains(sample), "{sample} is not in {metrics}");
    }
    assert_eq!(metrics, ask(&mut app, "GET", "/z/prometheus").await.1);
}
