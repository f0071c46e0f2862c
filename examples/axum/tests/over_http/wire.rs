//! The rules of the wire, as the example answers them.
//!
//! Source: the health endpoint, the discovery page and the negotiation of Spring Boot's actuator.
//! What depends on settings that the example does not have is tested in `health-axum`.

use std::net::SocketAddr;

use crate::over_http::{
    client::{Answer, ask, get},
    program::Both,
};

const V3: &str = "application/vnd.spring-boot.actuator.v3+json";
const V2: &str = "application/vnd.spring-boot.actuator.v2+json";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const ADMIN: &str = "application/vnd.spring-boot.actuator.v3+json, application/vnd.spring-boot.actuator.v2+json, application/vnd.spring-boot.actuator.v1+json, application/json";

const UP: &str = r#"{"status":"UP"}"#;
const BOOK: &str = r#"{"status":"UP","details":{"orders":2,"capacity":100}}"#;
const USERS: &str = r#"{"status":"UP","components":{"directory":{"status":"UP"},"livenessState":{"status":"UP"},"ping":{"status":"UP"},"readinessState":{"status":"UP"}},"details":{"url":"http://USERS/z/health"}}"#;
const WHOLE: &str = r#"{"status":"UP","components":{"book":{"status":"UP","details":{"orders":2,"capacity":100}},"livenessState":{"status":"UP"},"ping":{"status":"UP"},"readinessState":{"status":"UP"},"users":{"status":"UP","components":{"directory":{"status":"UP"},"livenessState":{"status":"UP"},"ping":{"status":"UP"},"readinessState":{"status":"UP"}},"details":{"url":"http://USERS/z/health"}}},"groups":["liveness","readiness","startup"]}"#;
const WHOLE_V2: &str = r#"{"status":"UP","details":{"book":{"status":"UP","details":{"orders":2,"capacity":100}},"livenessState":{"status":"UP"},"ping":{"status":"UP"},"readinessState":{"status":"UP"},"users":{"status":"UP","details":{"directory":{"status":"UP"},"livenessState":{"status":"UP"},"ping":{"status":"UP"},"readinessState":{"status":"UP"},"url":"http://USERS/z/health"}}},"groups":["liveness","readiness","startup"]}"#;
/// A path, an `Accept` header, and what a `GET` of it answers: code, content type, body.
type Row = (&'static str, &'static str, u16, &'static str, &'static str);

#[rustfmt::skip]
const ROWS: [Row; 43] = [
    // The tree: components sorted by name, details in their own order, nothing that is empty.
    ("/z/health", "", 200, V3, WHOLE),
    ("/z/health/", "", 200, V3, WHOLE),
    ("/z/health?show=nothing", "", 200, V3, WHOLE),
    ("/z/health/book", "", 200, V3, BOOK),
    ("/z/health/book/", "", 200, V3, BOOK),
    ("/z/health//book", "", 200, V3, BOOK),
    ("/z/health/b%6Fok", "", 200, V3, BOOK),
    ("/z/health/users", "", 200, V3, USERS),
    ("/z/health/users/directory", "", 200, V3, UP),
    ("/z/health/ping", "", 200, V3, UP),
    ("/z/health/livenessState", "", 200, V3, UP),
    ("/z/health/readinessState", "", 200, V3, UP),
    // Groups, by name and by additional path; those of the probes hide their components.
    ("/z/health/liveness", "", 200, V3, UP),
    ("/z/health/readiness", "", 200, V3, UP),
    ("/z/health/readiness/", "", 200, V3, UP),
    ("/z/health/livez", "", 200, V3, UP),
    ("/livez", "", 200, V3, UP),
    ("/readyz", "", 200, V3, UP),
    ("/z/health/readiness/users", "", 404, "", ""),
    ("/z/health/readiness/book", "", 404, "", ""),
    ("/livez/", "", 404, "", ""),
    ("/livez/livenessState", "", 404, "", ""),
    // What is not there is empty.
    ("/z/health/nowhere", "", 404, "", ""),
    ("/z/health/Book", "", 404, "", ""),
    ("/z/health/book/deeper", "", 404, "", ""),
    ("/z/health/users/nowhere", "", 404, "", ""),
    ("/z/health/users%2Fdirectory", "", 404, "", ""),
    ("/z/health/%FF", "", 404, "", ""),
    ("/z/health.json", "", 404, "", ""),
    ("/z/nowhere", "", 404, "", ""),
    // A slash at the end belongs to no fixed path.
    ("/z/", "", 404, "", ""),
    ("/z/info/", "", 404, "", ""),
    ("/z/version/", "", 404, "", ""),
    // Version 3 unless version 2 is named and version 3 is not.
    ("/z/health", "*/*", 200, V3, WHOLE),
    ("/z/health", BROWSER, 200, V3, WHOLE),
    ("/z/health", ADMIN, 200, V3, WHOLE),
    ("/z/health", V3, 200, V3, WHOLE),
    ("/z/health", V2, 200, V2, WHOLE_V2),
    ("/z/health", JSON, 200, JSON, WHOLE),
    ("/z/health", "text/plain", 406, "", ""),
    ("/z/info", "text/plain", 406, "", ""),
    // Plain text whatever is asked for.
    ("/z/version", "", 200, TEXT, env!("CARGO_PKG_VERSION")),
    ("/z/version", JSON, 200, TEXT, env!("CARGO_PKG_VERSION")),
];

#[test]
fn every_path_answers_as_the_table_says() {
    let both = Both::start();
    for (path, accept, code, content_type, body) in ROWS {
        let headers: &[_] = if accept.is_empty() {
            &[]
        } else {
            &[("accept", accept)]
        };
        let body = body.replace("USERS", &both.users.to_string());
        let got = ask(both.orders, "GET", path, headers);
        let case = format!("{path} {accept}");
        assert_eq!(
            (got.code(), got.body.as_str()),
            (code, body.as_str()),
            "{case}"
        );
        assert_eq!(
            header(&got, "content-type").unwrap_or_default(),
            content_type,
            "{case}"
        );
        assert_eq!(
            header(&got, "content-length"),
            Some(body.len().to_string().as_str()),
            "{case}"
        );
        let head = ask(both.orders, "HEAD", path, headers);
        assert_eq!((head.code(), head.body.as_str()), (code, ""), "{case}");
        assert_eq!(headers_alike(&head), headers_alike(&got), "{case}");
    }
}

/// Returns what `GET` and `HEAD` have in common; the server leaves the length of nothing out of the
/// latter.
fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    let mut headers = headers(answer);
    headers
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

fn headers(answer: &Answer) -> impl Iterator<Item = (&str, &str)> {
    let lines = answer.head.split("\r\n").skip(1);
    lines.map(|line| line.split_once(": ").unwrap())
}

fn headers_alike(answer: &Answer) -> Vec<(&str, &str)> {
    let differs = |header: &(&str, &str)| header.0 == "date" || *header == ("content-length", "0");
    headers(answer).filter(|header| !differs(header)).collect()
}

#[test]
fn every_link_of_the_discovery_page_leads_to_an_endpoint() {
    let both = Both::start();
    let here = format!("http://{}/z", both.orders);
    for (path, accept, content_type) in
        [("/z", "*/*", V3), ("/z?query", V2, V2), ("/z", JSON, JSON)]
    {
        let page = ask(both.orders, "GET", path, &[("accept", accept)]);
        assert_eq!(
            (page.code(), header(&page, "content-type")),
            (200, Some(content_type)),
            "{accept}"
        );
        let start = format!(
            r#"{{"_links":{{"self":{{"href":"{here}","templated":false}},"health":{{"href":"{here}/health","templated":false}},"#
        );
        assert!(page.body.starts_with(&start), "{}", page.body);
        let page: serde_json::Value = serde_json::from_str(&page.body).unwrap();
        for (name, link) in page["_links"].as_object().unwrap() {
            let href = link["href"].as_str().unwrap();
            assert_eq!(link["templated"], href.contains('{'), "{name}");
            let path = href
                .strip_prefix(&format!("http://{}", both.orders))
                .unwrap();
            let path = path.replace("{*path}", "users/directory");
            assert_eq!(get(both.orders, &path).code(), 200, "{name}");
        }
    }
}

#[test]
fn an_answer_carries_no_header_without_a_reason() {
    let both = Both::start();
    let expected = ["cache-control", "content-length", "content-type", "date"];
    for path in [
        "/z",
        "/z/health",
        "/z/health/readiness",
        "/z/info",
        "/z/version",
        "/readyz",
    ] {
        let answer = get(both.orders, path);
        let mut names: Vec<&str> = headers(&answer).map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{path}");
        assert_eq!(header(&answer, "cache-control"), Some("no-store"), "{path}");
    }
}

#[test]
fn only_reading_is_allowed_and_only_where_something_is() {
    let both = Both::start();
    let there = [
        "/z",
        "/z/health",
        "/z/health/book",
        "/z/health/liveness",
        "/z/info",
        "/z/version",
        "/livez",
    ];
    let nowhere = [
        "/z/nowhere",
        "/z/health/nowhere",
        "/z/health/book/deeper",
        "/z/info/",
    ];
    let allow = Some("GET, HEAD, OPTIONS");
    let methods = [
        ("OPTIONS", 200),
        ("POST", 405),
        ("PUT", 405),
        ("DELETE", 405),
        ("PATCH", 405),
        ("TRACE", 405),
    ];
    for (method, code) in methods {
        for path in there {
            assert_bare(both.orders, method, path, code, allow);
        }
        for path in nowhere {
            assert_bare(both.orders, method, path, 404, None);
        }
    }
}

fn assert_bare(server: SocketAddr, method: &str, path: &str, code: u16, allow: Option<&str>) {
    let answer = ask(server, method, path, &[]);
    assert_eq!(
        (answer.code(), answer.body.as_str()),
        (code, ""),
        "{method} {path}"
    );
    assert_eq!(header(&answer, "allow"), allow, "{method} {path}");
}

#[test]
fn info_says_what_this_process_is() {
    let both = Both::start();
    let answer = get(both.users, "/z/info");
    assert_eq!(
        (answer.code(), header(&answer, "content-type")),
        (200, Some(V3))
    );
    let info: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        info["app"],
        serde_json::json!({"name": "users", "version": version})
    );
    assert_eq!(info["build"]["artifact"], env!("CARGO_PKG_NAME"));
    assert_eq!(info["trace.attributes"]["service.name"], "users");
    assert_eq!(info["trace.attributes"]["process.pid"], both.pid_of_users);
    let commit = example_shared::GIT_COMMIT.map(|sha| &sha[..7]);
    assert_eq!(info["git"]["commit"]["id"].as_str(), commit);
}

#[test]
fn while_users_is_gone_only_what_asks_it_is_down() {
    let both = Both::start();
    both.stop_users();
    let gone = format!(
        r#"{{"status":"DOWN","details":{{"error":"{0} refused the connection","url":"http://{0}/z/health"}}}}"#,
        both.users
    );
    let down = r#"{"status":"DOWN"}"#;
    let cases = [
        ("/z/health/users", 503, gone.as_str()),
        ("/z/health/users/directory", 404, ""),
        ("/z/health/readiness", 503, down),
        ("/readyz", 503, down),
        ("/z/health/book", 200, BOOK),
        ("/z/health/liveness", 200, UP),
        ("/livez", 200, UP),
        ("/z/health/ping", 200, UP),
    ];
    for (path, code, body) in cases {
        let answer = get(both.orders, path);
        assert_eq!(
            (answer.code(), answer.body.as_str()),
            (code, body),
            "{path}"
        );
    }
    let whole = get(both.orders, "/z/health");
    assert_eq!(whole.code(), 503);
    assert!(
        whole
            .body
            .starts_with(r#"{"status":"DOWN","components":{"book":{"status":"UP""#),
        "{}",
        whole.body
    );
    assert!(
        whole.body.contains(&format!(r#""users":{gone}"#)),
        "{}",
        whole.body
    );
}
