//! The application's own requests among the metrics.

#![allow(clippy::unwrap_used, reason = "tests")]

use actix_web::{
    App, Error, HttpResponse,
    error::ErrorImATeapot,
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use health_actix::Management;

#[actix_web::test]
async fn requests_are_counted_by_route_and_code_and_probes_are_not() {
    let management = Management::builder("orders")
        .metrics_path("/metrics")
        .build()
        .unwrap();
    let app = init_service(
        App::new()
            .route("/orders/{id}", web::get().to(HttpResponse::Ok))
            .route(
                "/fails",
                web::get().to(async || Err::<HttpResponse, Error>(ErrorImATeapot("no coffee"))),
            )
            .service(health_actix::endpoints(&management))
            .wrap(health_actix::metrics(&management)),
    )
    .await;
    for path in [
        "/orders/1",
        "/orders/2?x=y",
        "/fails",
        "/nowhere",
        "/z/health/liveness",
        "/z/health/no-such",
        "/metrics",
    ] {
        call_service(&app, TestRequest::get().uri(path).to_request()).await;
    }
    let post = TestRequest::post().uri("/orders/3").to_request();
    call_service(&app, post).await;

    let answer = call_service(&app, TestRequest::get().uri("/metrics").to_request()).await;
    assert_eq!(answer.status(), 200);
    let metrics = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_"))
        .collect();
    assert_eq!(
        counted,
        [
            "http_requests_in_flight 0",
            r#"http_requests_total{method="GET",handler="/fails",status="418"} 1"#,
            r#"http_requests_total{method="GET",handler="/orders/{id}",status="200"} 2"#,
            r#"http_requests_total{method="GET",handler="other",status="404"} 1"#,
            r#"http_requests_total{method="POST",handler="/orders/{id}",status="404"} 1"#,
        ]
    );
}

#[actix_web::test]
async fn probes_are_not_counted_wherever_the_endpoints_are_mounted() {
    let management = Management::builder("orders").build().unwrap();
    let app = init_service(
        App::new()
            .service(
                web::scope("/api/{tenant}")
                    .route("/orders", web::get().to(HttpResponse::Ok))
                    .service(health_actix::endpoints(&management)),
            )
            .wrap(health_actix::metrics(&management)),
    )
    .await;
    let metrics = TestRequest::get().uri("/api/b/z/prometheus");
    for path in ["/api/a/z/health/liveness", "/api/a/orders", "/z/health"] {
        call_service(&app, TestRequest::get().uri(path).to_request()).await;
    }
    let answer = call_service(&app, metrics.to_request()).await;
    let metrics = String::from_utf8(read_body(answer).await.to_vec()).unwrap();
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_total"))
        .collect();
    assert_eq!(
        counted,
        [
            r#"http_requests_total{method="GET",handler="/api/{tenant}/orders",status="200"} 1"#,
            r#"http_requests_total{method="GET",handler="other",status="404"} 1"#,
        ]
    );
}
