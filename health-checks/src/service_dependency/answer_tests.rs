//! Answers, and what they mean.

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;

use super::*;

const V3: &str = "application/vnd.spring-boot.actuator.v3+json";
const V2: &str = "application/vnd.spring-boot.actuator.v2+json;charset=UTF-8";

fn answer(code: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Answer {
    let content_type = HeaderValue::from_static(content_type);
    Answer {
        status: StatusCode::from_u16(code).unwrap(),
        headers: HeaderMap::from_iter([(CONTENT_TYPE, content_type)]),
        body: body.into(),
        is_whole: true,
        timings: crate::web::Timings::default(),
    }
}

#[test]
fn up_is_200_and_up_and_nothing_else() {
    let long = format!(r#"{{"status": "{}"}}"#, "X".repeat(65));
    let deep = format!(
        r#"{{"status": "UP", "details": {}1{}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    type Case<'a> = (&'a str, u16, &'a str, Result<&'a str, &'a str>, &'a str);
    let cases: [Case<'_>; 24] = [
        ("up", 200, r#"{"status": "UP"}"#, Ok("UP"), ""),
        (
            "up with another code",
            503,
            r#"{"status": "UP"}"#,
            Ok("DOWN"),
            "answered UP with the code 503",
        ),
        (
            "up, created",
            201,
            r#"{"status": "UP"}"#,
            Ok("DOWN"),
            "answered UP with the code 201",
        ),
        (
            "down",
            503,
            r#"{"status": "DOWN"}"#,
            Ok("DOWN"),
            "answered DOWN with the code 503",
        ),
        (
            "down with 200",
            200,
            r#"{"status": "DOWN"}"#,
            Ok("DOWN"),
            "answered DOWN with the code 200",
        ),
        (
            "out of service",
            503,
            r#"{"status": "OUT_OF_SERVICE"}"#,
            Ok("OUT_OF_SERVICE"),
            "answered OUT_OF_SERVICE with the code 503",
        ),
        (
            "custom",
            200,
            r#"{"status": "FATAL-1.x"}"#,
            Ok("FATAL-1.x"),
            "answered FATAL-1.x with the code 200",
        ),
        (
            "lower case",
            200,
            r#"{"status": "up"}"#,
            Ok("up"),
            "answered up with the code 200",
        ),
        (
            "unknown",
            200,
            r#"{"status": "UNKNOWN"}"#,
            Ok("DOWN"),
            "answered UNKNOWN with the code 200",
        ),
        (
            "own error",
            503,
            r#"{"status": "DOWN", "details": {"error": "no disk"}}"#,
            Ok("DOWN"),
            "no disk",
        ),
        (
            "no status",
            200,
            "{}",
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "null",
            200,
            r#"{"status": null}"#,
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "number",
            404,
            r#"{"status": 404}"#,
            Err("answered 404 with JSON that has no status"),
            "",
        ),
        (
            "boolean",
            200,
            r#"{"status": true}"#,
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "object",
            200,
            r#"{"status": {"code": "UP"}}"#,
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "empty code",
            200,
            r#"{"status": ""}"#,
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "code with blank",
            200,
            r#"{"status": "UP "}"#,
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "long code",
            200,
            &long,
            Err("answered 200 with JSON that has no status"),
            "",
        ),
        (
            "array",
            200,
            r#"["UP"]"#,
            Err("answered 200 without a JSON object"),
            "",
        ),
        (
            "string",
            200,
            r#""UP""#,
            Err("answered 200 without a JSON object"),
            "",
        ),
        (
            "text",
            200,
            "UP",
            Err("answered 200 without a JSON object"),
            "",
        ),
        (
            "nothing",
            204,
            "",
            Err("answered 204 without a JSON object"),
            "",
        ),
        (
            "cut",
            200,
            r#"{"status": "UP""#,
            Err("answered 200 without a JSON object"),
            "",
        ),
        (
            "too deep",
            200,
            &deep,
            Err("answered 200 without a JSON object"),
            "",
        ),
    ];
    for (name, code, body, status, error) in cases {
        let health = read(&answer(code, V3, body));
        let found = health
            .as_ref()
            .map(|health| health.status().code())
            .map_err(String::as_str);
        assert_eq!(found, status, "{name}");
        let shown = health
            .ok()
            .and_then(|health| health.details().get("error").cloned());
        assert_eq!(shown, (!error.is_empty()).then(|| error.into()), "{name}");
    }
}

#[test]
fn components_and_details_are_taken_over() {
    let tree = |components: &str| {
        json!({
            "status": "UP",
            "description": "with a twist",
            "groups": ["liveness"],
            (components): {
                "db": {"status": "UP", "details": {"database": "H2", "pool": {"status": "idle"}}},
                "caches": {"status": "DOWN", (components): {"pages": {"status": "DOWN", "description": "cold"}}},
            },
        })
        .to_string()
    };
    let pages = Health::down().description("cold");
    let expected = |db: Health| {
        Health::up()
            .description("with a twist")
            .component("db", db)
            .component("caches", Health::down().component("pages", pages.clone()))
    };
    let db = Health::up().detail("database", "H2");
    let as_detail = expected(db.clone().detail("pool", json!({"status": "idle"})));
    let as_component = expected(db.component("pool", Health::new("idle")));
    let cases = [
        ("version 3", V3, tree("components"), &as_detail),
        ("version 2", V2, tree("details"), &as_component),
        (
            "plain JSON with components",
            "application/json",
            tree("components"),
            &as_component,
        ),
        (
            "plain JSON with details",
            "application/json",
            tree("details"),
            &as_component,
        ),
    ];
    for (name, content_type, body, health) in cases {
        assert_eq!(
            read(&answer(200, content_type, body)).as_ref(),
            Ok(health),
            "{name}"
        );
    }
}

#[test]
fn what_is_no_component_is_unknown_and_never_in_the_way() {
    let body = r#"{"status": "UP", "components": {"a": 1, "b": {}, "c": {"status": "U P"}}, "details": [1], "description": 2}"#;
    let unknown = ["a", "b", "c"]
        .into_iter()
        .fold(Health::up(), |health, name| {
            health.component(name, Health::unknown())
        });
    assert_eq!(read(&answer(200, V3, body)), Ok(unknown));
}

#[test]
fn details_end_at_their_cap_and_components_do_not() {
    let many = |value: Value| -> Map<String, Value> {
        (0..MAX_DETAILS + 5)
            .map(|n| (n.to_string(), value.clone()))
            .collect()
    };
    let body = json!({
        "status": "UP",
        "components": many(json!({"status": "UP"})),
        "details": many(json!(1)),
    });
    let health = read(&answer(200, V3, body.to_string())).unwrap();
    assert_eq!(health.details().iter().count(), MAX_DETAILS);
    assert_eq!(health.components().len(), MAX_DETAILS + 5);
}

#[test]
fn components_end_at_the_depth_cap() {
    let nested = (0..MAX_COMPONENT_DEPTH + 5).fold(
        json!({"status": "UP"}),
        |node, _| json!({"status": "UP", "components": {"x": node}}),
    );
    let health = read(&answer(200, V3, nested.to_string())).unwrap();
    let depth =
        std::iter::successors(Some(&health), |health| health.components().get("x")).count() - 1;
    assert_eq!(depth, MAX_COMPONENT_DEPTH);
}
