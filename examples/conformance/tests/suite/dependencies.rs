//! One application that depends on another, over the network.

use crate::{
    http,
    server::{Server, wait_until, with_each_framework},
};

const USERS: &str =
    r#"{"name": "users", "show_details": "always", "checks": {"db": {"details": {"rows": 7}}}}"#;

fn orders(users: &str) -> String {
    format!(
        r#"{{
            "name": "orders", "show_details": "always", "deadline_ms": 2000,
            "dependencies": {{"users": "{users}"}},
            "groups": {{"readiness": {{"include": ["readinessState", "users"]}}}}
        }}"#
    )
}

#[test]
fn another_application_is_asked_and_shown() {
    with_each_framework(|framework| {
        let users = Server::start(framework, USERS);
        let url = format!("http://{}/z/health", users.address);
        let orders = Server::start(framework, &orders(&url));
        let answer = http::get(orders.address, "/z/health/users");
        assert_eq!(answer.status, 200);
        let expected = concat!(
            r#"{"status":"UP","components":{"#,
            r#""db":{"status":"UP","details":{"rows":7}},"livenessState":{"status":"UP"},"#,
            r#""ping":{"status":"UP"},"readinessState":{"status":"UP"}},"details":{"url":"URL"}}"#
        );
        assert_eq!(answer.body, expected.replace("URL", &url));
        assert_eq!(
            http::get(orders.address, "/z/health/users/db").body,
            r#"{"status":"UP","details":{"rows":7}}"#
        );
        assert_eq!(
            http::get(orders.address, "/z/health/readiness").body,
            r#"{"status":"UP"}"#
        );
        assert_eq!(
            http::get(orders.address, "/control/runs").body,
            r#"{"users":3}"#
        );

        http::ask(
            users.address,
            "PUT /control/checks/db",
            &[],
            r#"{"status": "DOWN"}"#,
        );
        assert_eq!(http::get(orders.address, "/z/health").status, 503);
        drop(users);
        wait_until("the dependency is down", || {
            http::get(orders.address, "/z/health/users").status == 503
        });
        assert_eq!(http::get(orders.address, "/z/health/readiness").status, 503);
        assert_eq!(http::get(orders.address, "/z/health/liveness").status, 200);
    });
}
