//! The service dependency: what it sends, and what it makes of an answer.

use health_core::{
    Check, Component, Group, Health, Management, ReadinessState, Request, Scope, Show, Status,
};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::{
    dependency, dependency_at, health, in_group,
    server::{self, Server, listener},
};

/// Asks management endpoints without a network.
pub(crate) async fn ask(management: &Management, path: &str) -> (u16, Value) {
    let headers = HeaderMap::new();
    let response = management
        .respond(&Request::new("GET", path, &headers))
        .await;
    let body = serde_json::from_slice(response.body()).unwrap_or_default();
    (response.status().as_u16(), body)
}

#[tokio::test]
async fn what_is_sent_in_a_run_and_outside_of_one() {
    let server = Server::answering(|_| server::json(200, r#"{"status": "UP"}"#)).await;
    let users = dependency(&server.url("/z/health"));
    assert_eq!(users.scope(), Scope::Application);
    assert_eq!(*health(&users).await.status(), Status::UP);
    let management = Management::builder("orders")
        .component(Component::new("users", users).readiness())
        .build()
        .unwrap();
    assert_eq!(ask(&management, "/z/health").await.0, 200);
    assert_eq!(ask(&management, "/z/health/readiness").await.0, 200);

    let heads = server.heads();
    let seen: Vec<_> = heads
        .iter()
        .map(|head| {
            (
                head.method.as_str(),
                head.path.as_str(),
                head.header("health-trail"),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("GET", "/z/health", ""),
            ("GET", "/z/health", "orders"),
            ("GET", "/z/health/readiness", "orders")
        ]
    );
    for head in &heads {
        assert_eq!(
            head.header("accept"),
            "application/vnd.spring-boot.actuator.v3+json, \
             application/vnd.spring-boot.actuator.v2+json;q=0.9, application/json;q=0.8"
        );
        assert!(head.header("user-agent").starts_with("health-checks/"));
    }
    let budget: u64 = heads[1].header("health-budget-ms").parse().unwrap();
    assert!((600..=720).contains(&budget), "{budget}");
}

#[tokio::test]
async fn any_group_is_asked_for_by_its_name() {
    let server = Server::answering(|_| server::json(200, r#"{"status": "UP"}"#)).await;
    let users = dependency(&server.url("/admin/"));
    for group in ["liveness", "web"] {
        assert_eq!(
            *in_group(&users, group).check().await.unwrap().status(),
            Status::UP
        );
    }
    let paths: Vec<String> = server.heads().into_iter().map(|head| head.path).collect();
    assert_eq!(paths, ["/admin/liveness", "/admin/web"]);
}

#[tokio::test]
async fn a_missing_endpoint_and_a_missing_group_say_what_to_do() {
    let server = Server::answering(|_| server::response(404, "", "")).await;
    let users = dependency(&server.url("/a"));
    let cases = [
        (
            health(&users).await,
            "/a",
            "answered 404, there is no management endpoint at this URL: give its base path, or the whole URL of its health",
        ),
        (
            in_group(&users, "readiness").check().await.unwrap(),
            "/a/readiness",
            "answered 404, it has no group `readiness` at this URL: define it there, or leave this component out of the group `readiness` here",
        ),
    ];
    for (health, path, error) in cases {
        assert_eq!(
            health,
            Health::down()
                .detail("error", error)
                .detail("url", server.url(path))
        );
    }
}

#[tokio::test]
async fn what_the_other_side_says_is_nested_and_obeys_our_visibility() {
    const ANSWER: &str = r#"{
        "status": "OUT_OF_SERVICE",
        "description": "moving house",
        "components": {"db": {"status": "UP", "details": {"database": "H2"}}},
        "details": {"since": "noon"},
        "groups": ["liveness"]
    }"#;
    let server = Server::answering(|_| server::json(503, ANSWER)).await;
    let shown = |details| {
        Management::builder("orders")
            .check("users", dependency_at(server.address))
            .show_details(details)
            .build()
            .unwrap()
    };
    let (code, body) = ask(&shown(Show::Never), "/z/health/users").await;
    let hidden = json!({
        "status": "OUT_OF_SERVICE",
        "description": "moving house",
        "components": {"db": {"status": "UP"}},
    });
    assert_eq!((code, body), (503, hidden));
    let (code, body) = ask(&shown(Show::Always), "/z/health/users").await;
    let full = json!({
        "status": "OUT_OF_SERVICE",
        "description": "moving house",
        "components": {"db": {"status": "UP", "details": {"database": "H2"}}},
        "details": {
            "since": "noon",
            "error": "answered OUT_OF_SERVICE with the code 503",
            "url": server.url("/z/health"),
        },
    });
    assert_eq!((code, body), (503, full));
}

#[tokio::test]
async fn an_undeclared_status_of_the_other_side_counts_as_down() {
    let server = Server::answering(|_| server::json(200, r#"{"status": "SIDEWAYS"}"#)).await;
    let management = Management::builder("orders")
        .check("users", dependency(&server.url("/")))
        .build()
        .unwrap();
    let (code, body) = ask(&management, "/z/health").await;
    assert_eq!(code, 503);
    assert_eq!(body["status"], "DOWN");
    assert_eq!(body["components"]["users"]["status"], "SIDEWAYS");
}

#[tokio::test]
async fn a_large_answer_keeps_its_status_and_loses_its_details() {
    let components: serde_json::Map<String, Value> = (0..2000)
        .map(|n| {
            (
                format!("component-{n}"),
                json!({"status": "UP", "details": {"n": n}}),
            )
        })
        .collect();
    let body = json!({"status": "UP", "components": components}).to_string();
    assert!(
        body.len() > health_core::DEFAULT_DETAILS_LIMIT_BYTES,
        "{}",
        body.len()
    );
    let server = Server::answering(move |_| server::json(200, &body)).await;
    let management = Management::builder("orders")
        .check("users", dependency(&server.url("/")))
        .build()
        .unwrap();
    let (code, body) = ask(&management, "/z/health/users").await;
    assert_eq!((code, body), (200, json!({"status": "UP"})));
}

#[tokio::test]
async fn two_real_applications() {
    let listener = listener().await;
    let address = listener.local_addr().unwrap();
    let users = Management::builder("users")
        .check("db", || async { true })
        .group(Group::new("web").include(["db"]))
        .build()
        .unwrap();
    let _server = Server::of(&users, listener);
    let orders = Management::builder("orders")
        .component(Component::new("users", dependency_at(address)).readiness())
        .group(Group::new("web").include(["users"]))
        .group(Group::new("mobile").include(["users"]))
        .show_details(Show::Always)
        .build()
        .unwrap();
    let (code, body) = ask(&orders, "/z/health").await;
    assert_eq!(
        (
            code,
            &body["components"]["users"]["components"]["db"]["status"]
        ),
        (200, &json!("UP"))
    );
    let (code, body) = ask(&orders, "/z/health/web").await;
    assert_eq!(
        (
            code,
            &body["components"]["users"]["components"]["db"]["status"]
        ),
        (200, &json!("UP"))
    );
    let (code, body) = ask(&orders, "/z/health/mobile").await;
    let error = body["components"]["users"]["details"]["error"]
        .as_str()
        .unwrap();
    assert_eq!(code, 503);
    assert!(error.contains("no group `mobile`"), "{error}");

    assert_eq!(
        ask(&orders, "/z/health/readiness").await,
        (200, json!({"status": "UP"}))
    );
    users
        .availability()
        .set_readiness(ReadinessState::RefusingTraffic);
    assert_eq!(
        ask(&orders, "/z/health/readiness").await,
        (503, json!({"status": "OUT_OF_SERVICE"}))
    );
    assert_eq!(
        ask(&orders, "/z/health").await.0,
        503,
        "the state of the other side is part of its health"
    );
    assert_eq!(
        ask(&orders, "/z/health/liveness").await,
        (200, json!({"status": "UP"}))
    );
}
