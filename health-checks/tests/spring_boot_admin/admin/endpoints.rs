//! How an admin finds the endpoints of an instance.

use std::collections::BTreeMap;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use super::{Registration, status};

/// The paths that are tried where there is no discovery page, as `path` or `id:path`.
const PROBED: [&str; 30] = [
    "health",
    "env",
    "metrics",
    "httptrace:trace",
    "httptrace",
    "threaddump:dump",
    "threaddump",
    "jolokia",
    "info",
    "logfile",
    "refresh",
    "flyway",
    "liquibase",
    "heapdump",
    "loggers",
    "auditevents",
    "mappings",
    "scheduledtasks",
    "configprops",
    "caches",
    "beans",
    "conditions",
    "httpexchanges",
    "integrationgraph",
    "quartz",
    "sessions",
    "shutdown",
    "startup",
    "prometheus",
    "sbom",
];

/// Finds endpoints, by id; `health` is always there.
///
/// Source: Spring Boot Admin `EndpointDetector`, `QueryIndexEndpointStrategy`,
/// `ProbeEndpointsStrategy`.
pub(super) async fn detect(client: &Client, of: &Registration) -> BTreeMap<String, String> {
    let Some(management_url) = of.management_url.as_deref() else {
        return BTreeMap::new();
    };
    let user = of.user();
    let with_user = |request: RequestBuilder| match &user {
        Some((name, password)) => request.basic_auth(name, Some(password)),
        None => request,
    };
    let mut found = BTreeMap::new();
    if of.service_url.as_deref() != Some(management_url) {
        let request = client.get(management_url).header("accept", status::ACCEPT);
        found = links(with_user(request), management_url.starts_with("https:")).await;
    }
    if found.is_empty() {
        for probed in PROBED {
            let (id, path) = probed.split_once(':').unwrap_or((probed, probed));
            let url = format!("{management_url}/{path}");
            let answer = with_user(client.request(Method::OPTIONS, &url))
                .send()
                .await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                found.insert(id.to_owned(), url);
            }
        }
    }
    found.insert("health".to_owned(), of.health_url.clone());
    found
}

async fn links(request: RequestBuilder, is_secure: bool) -> BTreeMap<String, String> {
    let Ok(answer) = request.send().await else {
        return BTreeMap::new();
    };
    if !answer.status().is_success() || !status::is_actuator(answer.headers()) {
        return BTreeMap::new();
    }
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let links = body["_links"].as_object().unwrap().iter();
    let whole = links.filter(|(id, link)| *id != "self" && link["templated"] != true);
    let href = |link: &Value| {
        let href = link["href"].as_str().unwrap();
        if is_secure {
            href.replacen("http:", "https:", 1)
        } else {
            href.to_owned()
        }
    };
    whole.map(|(id, link)| (id.clone(), href(link))).collect()
}
