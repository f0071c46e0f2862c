//! Bodies that no file can hold, because they tell of the process: the same from all servers but
//! for that.

use serde_json::Value;

use crate::{
    http,
    server::{FRAMEWORKS, Server},
};

const FIXTURE: &str = r#"{"name": "orders", "version": "1.2.3", "checks": {"db": {}}}"#;

/// Asks all servers, takes out what must differ, and returns what they have in common.
fn common(path: &str, without_the_process: impl Fn(&str) -> String) -> String {
    let bodies = FRAMEWORKS.map(|framework| {
        let server = Server::start(framework, FIXTURE);
        http::get(server.address, "/z/health");
        let answer = http::get(server.address, path);
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, Some("no-store")),
            "{path}"
        );
        without_the_process(&answer.body)
    });
    for (framework, body) in FRAMEWORKS.iter().zip(&bodies) {
        assert_eq!(*body, bodies[0], "{framework}");
    }
    bodies[0].clone()
}

#[test]
fn info_differs_in_the_process_only() {
    let info = common("/z/info", |body| {
        let mut info: Value = serde_json::from_str(body).unwrap();
        let attributes = info["trace.attributes"].as_object_mut().unwrap();
        for of_the_process in ["process.pid", "process.command_line"] {
            assert!(
                attributes.remove(of_the_process).is_some(),
                "{of_the_process}"
            );
        }
        info.to_string()
    });
    assert!(
        info.starts_with(r#"{"app":{"name":"orders","version":"1.2.3"},"#),
        "{info}"
    );
}

#[test]
fn the_description_is_the_same() {
    let description = common("/z/openapi.json", str::to_owned);
    assert!(serde_json::from_str::<Value>(&description).unwrap()["openapi"].is_string());
}

#[test]
fn metrics_differ_in_times_only() {
    let metrics = common("/z/prometheus", |body| {
        let lines = body.lines().map(|line| match line.rsplit_once(' ') {
            Some((name, _)) if name.contains("_seconds") => name,
            _ => line,
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    assert!(
        metrics.contains(r#"health_component_runs_total{component="db"} "#),
        "{metrics}"
    );
}
