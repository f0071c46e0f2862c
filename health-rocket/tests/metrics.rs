//! The application's own requests among the metrics.

#![allow(clippy::unwrap_used, reason = "tests")]

use health_rocket::Management;
use rocket::{get, local::asynchronous::Client, routes};

#[get("/orders/<id>")]
fn order(id: u32) -> String {
    format!("order {id}")
}

#[rocket::async_test]
async fn requests_are_counted_by_route_and_code_and_probes_are_not() {
    let management = Management::builder("orders")
        .metrics_path("/metrics")
        .build()
        .unwrap();
    let app = rocket::build()
        .mount("/", routes![order])
        .attach(health_rocket::endpoints(&management))
        .attach(health_rocket::metrics_fairing(&management));
    let client = Client::untracked(app).await.unwrap();
    for path in [
        "/orders/1",
        "/orders/2?x=y",
        "/nowhere",
        "/z/health/liveness",
        "/z/health/no-such",
        "/metrics",
    ] {
        client.get(path).dispatch().await;
    }
    client.post("/orders/3").dispatch().await;

    let answer = client.get("/metrics").dispatch().await;
    assert_eq!(answer.status().code, 200);
    let metrics = answer.into_string().await.unwrap();
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_"))
        .collect();
    assert_eq!(
        counted,
        [
            "http_requests_in_flight 0",
            r#"http_requests_total{method="GET",handler="/orders/<id>",status="200"} 2"#,
            r#"http_requests_total{method="GET",handler="other",status="404"} 1"#,
            r#"http_requests_total{method="POST",handler="other",status="404"} 1"#,
        ]
    );
}

#[rocket::async_test]
async fn probes_are_not_counted_wherever_the_endpoints_are_mounted() {
    let management = Management::builder("orders").build().unwrap();
    let app = rocket::build()
        .mount("/", routes![order])
        .mount("/internal", health_rocket::endpoints(&management))
        .attach(health_rocket::metrics_fairing(&management));
    let client = Client::untracked(app).await.unwrap();
    for path in ["/internal/z/health/liveness", "/orders/1", "/z/health"] {
        client.get(path).dispatch().await;
    }
    let answer = client.get("/internal/z/prometheus").dispatch().await;
    let metrics = answer.into_string().await.unwrap();
    let counted: Vec<&str> = metrics
        .lines()
        .filter(|line| line.starts_with("http_requests_total"))
        .collect();
    assert_eq!(
        counted,
        [
            r#"http_requests_total{method="GET",handler="/orders/<id>",status="200"} 1"#,
            r#"http_requests_total{method="GET",handler="other",status="404"} 1"#,
        ]
    );
}
