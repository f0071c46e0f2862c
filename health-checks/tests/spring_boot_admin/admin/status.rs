//! How an admin reads the answer of a health URL.

use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Map, Value, json};

pub(crate) const ACCEPT: &str = "application/vnd.spring-boot.actuator.v3+json, \
    application/vnd.spring-boot.actuator.v2+json, application/vnd.spring-boot.actuator.v1+json, \
    application/json";

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StatusInfo {
    pub(crate) code: String,
    pub(crate) details: Value,
}

#[derive(Debug)]
pub(crate) struct Polled {
    pub(crate) status: StatusInfo,
    pub(crate) groups: Vec<String>,
}

impl StatusInfo {
    pub(crate) fn unknown() -> Self {
        Self {
            code: "UNKNOWN".to_owned(),
            details: json!({}),
        }
    }

    fn new(code: &str, details: Value) -> Self {
        Self {
            code: code.to_uppercase(),
            details,
        }
    }
}

/// Asks once, and turns every failure into OFFLINE.
pub(super) async fn poll(request: RequestBuilder) -> Polled {
    let offline = |message: String| Polled {
        status: StatusInfo::new("OFFLINE", json!({"exception": "E", "message": message})),
        groups: Vec::new(),
    };
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return offline(error.to_string()),
    };
    let (code, headers) = (answer.status(), answer.headers().clone());
    match answer.bytes().await {
        Ok(body) => {
            read(code, &headers, &body).unwrap_or_else(|message| offline(message.to_owned()))
        }
        Err(error) => offline(error.to_string()),
    }
}

/// Source: Spring Boot Admin `StatusUpdater`, `InstanceExchangeFilterFunctions`,
/// `LegacyEndpointConverters`.
fn read(code: StatusCode, headers: &HeaderMap, body: &[u8]) -> Result<Polled, &'static str> {
    let Some(reason) = code.canonical_reason() else {
        return Err("an HTTP code that Spring does not know");
    };
    let failed = || json!({"status": code.as_u16(), "error": reason});
    if !is_json(headers) || body.is_empty() {
        let status = match code.is_success() {
            true => StatusInfo::new("UP", json!({})),
            false => StatusInfo::new("DOWN", failed()),
        };
        return Ok(Polled {
            status,
            groups: Vec::new(),
        });
    }
    let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else {
        return Err("the body is no JSON object");
    };
    if is_of_version_1(headers) {
        body = converted(body);
    }
    let groups = body
        .get("groups")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let groups = groups
        .filter_map(|group| Some(group.as_str()?.to_owned()))
        .collect();
    let status = match body.get("status") {
        Some(Value::String(status)) if status.is_empty() => return Err("the status is empty"),
        Some(Value::String(status)) => {
            let details = body.get("details").or_else(|| body.get("components"));
            match details.unwrap_or(&json!({})) {
                details if details.is_object() => StatusInfo::new(status, details.clone()),
                _ => return Err("the details are no object"),
            }
        }
        _ if code.is_success() => StatusInfo::new("UP", json!({})),
        _ => {
            let mut details = failed();
            let more = body
                .get("details")
                .and_then(Value::as_object)
                .unwrap_or(&body);
            details.as_object_mut().unwrap().extend(more.clone());
            StatusInfo::new("DOWN", details)
        }
    };
    Ok(Polled { status, groups })
}

/// Pushes everything but the status into `details`, as if Spring Boot 1 had answered.
fn converted(body: Map<String, Value>) -> Map<String, Value> {
    let mut converted = Map::new();
    let mut details = Map::new();
    for (key, value) in body {
        match value {
            value if key == "status" => _ = converted.insert(key, value),
            Value::Object(map) => _ = details.insert(key, converted_value(map)),
            value => _ = details.insert(key, value),
        }
    }
    if !details.is_empty() {
        converted.insert("details".to_owned(), details.into());
    }
    converted
}

fn converted_value(map: Map<String, Value>) -> Value {
    converted(map).into()
}

fn media_type(headers: &HeaderMap) -> &str {
    let content_type = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok());
    content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap()
        .trim()
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn is_of_version_1(headers: &HeaderMap) -> bool {
    [
        "application/json",
        "application/vnd.spring-boot.actuator.v1+json",
    ]
    .contains(&media_type(headers))
}

/// Tells whether it is an actuator of Spring Boot 2 or later.
pub(super) fn is_actuator(headers: &HeaderMap) -> bool {
    ["v2", "v3"].iter().any(|version| {
        media_type(headers) == format!("application/vnd.spring-boot.actuator.{version}+json")
    })
}

#[test]
fn answers_are_read_as_spring_boot_admin_reads_them() {
    const V3: &str = "application/vnd.spring-boot.actuator.v3+json";
    const V1: &str = "application/vnd.spring-boot.actuator.v1+json";
    let tree =
        r#"{"status":"UP","components":{"db":{"status":"UP","details":{"a":1}}},"groups":["x"]}"#;
    let cases = [
        (
            "tree",
            200,
            V3,
            tree,
            "UP",
            json!({"db": {"status": "UP", "details": {"a": 1}}}),
        ),
        (
            "code ignored",
            503,
            V3,
            r#"{"status":"up"}"#,
            "UP",
            json!({}),
        ),
        (
            "details first",
            200,
            V3,
            r#"{"status":"X","details":{},"components":{"a":{}}}"#,
            "X",
            json!({}),
        ),
        (
            "converted",
            200,
            "application/json;charset=utf-8",
            tree,
            "UP",
            json!({"components": {"details": {"db": {"status": "UP", "details": {"details": {"details": {"a": 1}}}}}}, "groups": ["x"]}),
        ),
        (
            "version 1",
            200,
            V1,
            r#"{"status":"UP","a":1}"#,
            "UP",
            json!({"a": 1}),
        ),
        ("no status", 200, V3, "{}", "UP", json!({})),
        (
            "status no text",
            200,
            V3,
            r#"{"status":1}"#,
            "UP",
            json!({}),
        ),
        (
            "no status, failed",
            500,
            V3,
            r#"{"a":1}"#,
            "DOWN",
            json!({"status": 500, "error": "Internal Server Error", "a": 1}),
        ),
        ("text", 200, "text/plain", "OK", "UP", json!({})),
        (
            "text, failed",
            404,
            "text/plain",
            "no",
            "DOWN",
            json!({"status": 404, "error": "Not Found"}),
        ),
        ("no body", 200, V3, "", "UP", json!({})),
        ("array", 200, V3, "[]", "OFFLINE", json!(null)),
        ("no JSON", 200, V3, "OK", "OFFLINE", json!(null)),
        (
            "empty status",
            200,
            V3,
            r#"{"status":""}"#,
            "OFFLINE",
            json!(null),
        ),
        (
            "details no object",
            200,
            V3,
            r#"{"status":"UP","details":1}"#,
            "OFFLINE",
            json!(null),
        ),
        ("unknown code", 599, V3, tree, "OFFLINE", json!(null)),
    ];
    for (name, code, content_type, body, expected, details) in cases {
        let code = StatusCode::from_u16(code).unwrap();
        let headers = HeaderMap::from_iter([(
            "content-type".parse().unwrap(),
            content_type.parse().unwrap(),
        )]);
        let polled = read(code, &headers, body.as_bytes());
        let Ok(Polled { status, groups }) = polled else {
            assert_eq!(expected, "OFFLINE", "{name}");
            continue;
        };
        assert_eq!(status, StatusInfo::new(expected, details), "{name}");
        assert_eq!(groups.len(), usize::from(name == "tree"), "{name}");
    }
}
