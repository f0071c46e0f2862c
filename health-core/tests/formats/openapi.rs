//! `/openapi.json`: what it says of each set-up. That it is valid, and true over HTTP, is tested
//! with schemathesis where there is a server.

use health_core::{Component, Group, Management, Request, Show};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::support::{Asker, ask, get, management, shop};

async fn document(management: &Management, path: &str, asker: Asker) -> Value {
    let answer = ask(management, "GET", path, &[("accept", "image/png")], asker).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_references_lead_somewhere(&document, &document);
    document
}

fn assert_references_lead_somewhere(value: &Value, document: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').expect("a local reference");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            members
                .values()
                .for_each(|value| assert_references_lead_somewhere(value, document));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|value| assert_references_lead_somewhere(value, document)),
        _ => {}
    }
}

fn paths(document: &Value) -> Vec<&str> {
    document["paths"]
        .as_object()
        .expect("paths")
        .keys()
        .map(String::as_str)
        .collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let members = value.as_object().into_iter().flatten();
    let mut keys: Vec<&str> = members.map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn paths_are_those_of_the_set_up() {
    let plain = management(|builder| builder.show_components(Show::Never));
    assert_eq!(
        paths(&document(&plain, "/z/openapi.json", Asker::Anonymous).await),
        [
            "/z",
            "/z/health",
            "/z/health/liveness",
            "/z/health/readiness",
            "/z/health/startup",
            "/z/health/{component}",
            "/z/info",
            "/z/openapi.json",
            "/z/prometheus",
            "/z/version",
        ]
    );
    let inner = Component::composite("inner", [Component::new("one", async || ())]);
    let full = management(|builder| {
        builder
            .base_path("/admin")
            .without_prometheus()
            .without_discovery()
            .check("db", async || ())
            .component(Component::composite("pair", [inner]))
            .group(
                Group::new("da {ta")
                    .include(["db"])
                    .additional_path("server:/dataz"),
            )
            .group(
                Group::new("other")
                    .include(["db"])
                    .additional_path("management:/otherz"),
            )
            .group(Group::new("none").include(["db"]).exclude(["*"]))
            .healthz("live", async || ())
            .show_details(Show::WhenAuthorized)
    });
    assert_eq!(
        paths(&document(&full, "/admin/openapi.json", Asker::Operator).await),
        [
            "/admin/health",
            "/admin/health/da%20%7Bta",
            "/admin/health/da%20%7Bta/{component}",
            "/admin/health/liveness",
            "/admin/health/other",
            "/admin/health/other/{component}",
            "/admin/health/pair/inner/{component}",
            "/admin/health/pair/{component}",
            "/admin/health/readiness",
            "/admin/health/startup",
            "/admin/health/{component}",
            "/admin/health/{component}/{part}",
            "/admin/info",
            "/admin/openapi.json",
            "/admin/transitions",
            "/admin/version",
            "/dataz",
            "/healthz/{name}",
        ]
    );
    let on_root = management(|builder| builder.base_path("").show_components(Show::Never));
    assert!(
        paths(&document(&on_root, "/openapi.json", Asker::Anonymous).await).contains(&"/health")
    );
}

#[tokio::test]
async fn paths_start_where_the_framework_mounted_them() {
    let management = management(|builder| builder.healthz("live", async || ()));
    let headers = HeaderMap::new();
    let nested = Request::new("GET", "/openapi.json", &headers)
        .below_base("/openapi.json")
        .sent_path("/internal/z/openapi.json");
    let body = management.respond(&nested).await.into_body();
    let document: Value = serde_json::from_slice(&body).expect("JSON");
    let paths = paths(&document);
    assert!(
        paths.contains(&"/internal/z/health") && paths.contains(&"/internal/healthz/{name}"),
        "{paths:?}"
    );
}

#[tokio::test]
async fn what_the_asker_does_not_see_is_not_described() {
    let shop = management(|builder| shop(builder).show_components(Show::WhenAuthorized));
    let text = document(&shop, "/z/openapi.json", Asker::Anonymous)
        .await
        .to_string();
    for hidden in [
        "old db",
        "cluster",
        "storage",
        "queue",
        "\"components\":{\"type",
        "\"checks\"",
    ] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    let seen = document(&shop, "/z/openapi.json", Asker::Operator).await;
    let names = &seen["paths"]["/z/health/{component}"]["get"]["parameters"][0]["schema"]["enum"];
    assert_eq!(
        *names,
        json!([
            "cluster",
            "livenessState",
            "old db",
            "ping",
            "readinessState",
            "storage"
        ])
    );
    let public = document(&shop, "/z/openapi.json", Asker::Anonymous).await;
    let names = &public["paths"]["/z/health/{component}"]["get"]["parameters"][0]["schema"]["enum"];
    assert_eq!(*names, json!(["ping"]));
}

#[tokio::test]
async fn codes_and_media_types_follow_the_settings() {
    let default = management(|builder| builder);
    let document_ = document(&default, "/z/openapi.json", Asker::Anonymous).await;
    let health = &document_["paths"]["/z/health"]["get"];
    assert_eq!(keys(&health["responses"]), ["200", "406", "503"]);
    assert_eq!(
        keys(&health["responses"]["200"]["content"]),
        [
            "application/health+json",
            "application/json",
            "application/vnd.spring-boot.actuator.v2+json",
            "application/vnd.spring-boot.actuator.v3+json",
        ]
    );
    assert_eq!(
        keys(&document_["paths"]["/z/version"]["get"]["responses"]),
        ["200"]
    );
    let changed = management(|builder| {
        let severity = health_core::Severity::Above("UP".into());
        builder
            .component(Component::new("db", async || ()))
            .custom_status("FATAL", severity, StatusCode::INTERNAL_SERVER_ERROR)
            .version(|| "1")
            .plain_text()
            .stable_bodies()
    });
    let document_ = document(&changed, "/z/openapi.json", Asker::Anonymous).await;
    let health = &document_["paths"]["/z/health"]["get"];
    assert_eq!(
        keys(&health["responses"]),
        ["200", "304", "406", "500", "503"]
    );
    assert_eq!(
        health["responses"]["500"]["description"],
        "The status is FATAL."
    );
    assert!(keys(&health["responses"]["200"]["content"]).contains(&"text/plain; charset=utf-8"));
    assert_eq!(health["parameters"][0]["name"], "If-None-Match");
    assert_eq!(
        keys(&document_["paths"]["/z/version"]["get"]["responses"]),
        ["200", "500", "default"]
    );
}

#[tokio::test]
async fn every_described_path_without_parameter_is_there() {
    let shop = management(|builder| {
        shop(builder)
            .healthz("live", async || ())
            .probe_paths()
            .show_details(Show::Always)
    });
    let document = document(&shop, "/z/openapi.json", Asker::Anonymous).await;
    let fixed: Vec<&str> = paths(&document)
        .into_iter()
        .filter(|path| !path.contains('{'))
        .collect();
    assert!(fixed.contains(&"/livez") && fixed.len() > 10, "{fixed:?}");
    for path in fixed {
        let answer = get(&shop, path).await;
        let responses = &document["paths"][path]["get"]["responses"];
        let response = &responses[answer.status.to_string()];
        let content_type = answer.header("content-type").expect("a type");
        assert!(
            keys(&response["content"]).contains(&content_type),
            "{path}: {answer:?}"
        );
    }
}
