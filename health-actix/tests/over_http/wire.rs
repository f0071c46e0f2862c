//! That actix-web passes on what the core answers: status, headers and body, and nothing more.

use std::collections::BTreeMap;

use health_actix::{
    Management,
    core::{Component, Group, Health, Show},
};

use crate::support::{Server, V3};

const UP: &str = r#"{"status":"UP"}"#;
const DOWN: &str = r#"{"status":"DOWN","details":{"error":"no route"}}"#;
const ZONE: &str = r#"{"status":"UP","details":{"zone":"b"}}"#;
const PAIR: &str = r#"{"status":"UP","components":{"one":{"status":"UP"}}}"#;
const NAMED: &str = r#"{"status":"UP","components":{"a b":{"status":"UP"},"a+b":{"status":"UP"}}}"#;
const FINE: &str = r#"{"status": 200, "title": "OK"}"#;
const FULL: &str = r#"{"status": 503, "title": "the disk is full"}"#;
const NOT_SET_UP: &str = r#"{"status": 404, "title": "The größe/ü check endpoint is not setup"}"#;

const PROBLEM: &str = "application/problem+json";
const TEXT: &str = "text/plain; charset=utf-8";

fn server() -> Server {
    let up = || async { true };
    let management = Management::builder("orders")
        .version("1.2.3")
        .show_details(Show::Always)
        .check("db", || async { Health::up().detail("zone", "b") })
        .check("queue", || async {
            Err::<(), _>(std::io::Error::other("no route"))
        })
        .check("größe", up)
        .check("100%", up)
        .check("a b", up)
        .check("a+b", up)
        .check("n".repeat(128), up)
        .component(Component::composite("pair", [Component::new("one", up)]))
        .group(
            Group::new("named")
                .include(["a b", "a+b"])
                .show_components(Show::Always),
        )
        .healthz("live", up)
        .healthz("ready", || async {
            Err::<(), _>(std::io::Error::other("the disk is full"))
        })
        .build()
        .unwrap();
    Server::of(move |app| {
        app.service(health_actix::endpoints(&management));
    })
}

/// One request and all that must come back, but for the date.
struct Case<'a> {
    method: &'a str,
    path: &'a str,
    code: u16,
    kind: Kind<'a>,
    body: &'a str,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    Typed(&'a str),
    Empty,
    Allow,
}

impl Case<'_> {
    fn headers(&self) -> BTreeMap<String, String> {
        let length = self.body.len().to_string();
        let mut headers = vec![("cache-control", "no-store"), ("content-length", &length)];
        match self.kind {
            Kind::Typed(content_type) => headers.push(("content-type", content_type)),
            Kind::Allow => headers.push(("allow", "GET, HEAD, OPTIONS")),
            Kind::Empty => {}
        }
        let headers = headers.into_iter();
        headers
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

/// Asks all of them on one connection, with the methods that answer alike.
fn assert_answers(cases: &[Case<'_>]) {
    let server = server();
    let mut connection = server.connect();
    for case in cases {
        let Case { path, code, .. } = *case;
        let methods = if case.method == "GET" {
            &["GET", "HEAD"][..]
        } else {
            &[case.method]
        };
        for method in methods {
            let mut answer = connection.ask(method, path, &[]);
            assert!(
                answer.headers.remove("date").is_some(),
                "{method} {path}: no date"
            );
            let body = if *method == "HEAD" { "" } else { case.body };
            assert_eq!(
                (answer.code, answer.body.as_str()),
                (code, body),
                "{method} {path}"
            );
            assert_eq!(answer.headers, case.headers(), "{method} {path}");
        }
    }
}

fn get<'a>(path: &'a str, code: u16, content_type: &'a str, body: &'a str) -> Case<'a> {
    Case {
        method: "GET",
        path,
        code,
        kind: Kind::Typed(content_type),
        body,
    }
}

fn health<'a>(path: &'a str, code: u16, body: &'a str) -> Case<'a> {
    get(path, code, V3, body)
}

fn empty<'a>(method: &'a str, path: &'a str, code: u16, kind: Kind<'a>) -> Case<'a> {
    Case {
        method,
        path,
        code,
        kind,
        body: "",
    }
}

fn missing(path: &str) -> Case<'_> {
    empty("GET", path, 404, Kind::Empty)
}

#[test]
fn every_endpoint_answers_get_and_head_alike() {
    assert_answers(&[
        health("/z/health/liveness", 200, UP),
        health("/z/health/readiness", 200, UP),
        health("/z/health/ping", 200, UP),
        health("/z/health/db", 200, ZONE),
        health("/z/health/queue", 503, DOWN),
        health("/z/health/pair", 200, PAIR),
        health("/z/health/pair/one", 200, UP),
        health("/z/health/named", 200, NAMED),
        health("/z/health/db?query=1#fragment", 200, ZONE),
        get("/z/version", 200, TEXT, "1.2.3"),
        get("/healthz/live", 200, PROBLEM, FINE),
        get("/healthz/ready", 503, PROBLEM, FULL),
    ]);
}

#[test]
fn paths_are_read_as_they_were_sent() {
    let longest = format!("/z/health/{}", "n".repeat(128));
    let too_long = format!("/z/health/{}", "n".repeat(129));
    let endless = "/z/health".repeat(3000);
    assert_answers(&[
        health("/z/health/gr%C3%B6%C3%9Fe", 200, UP),
        health("/z/health/%64b", 200, ZONE),
        health("/z/health/100%25", 200, UP),
        health("/z/health/a%20b", 200, UP),
        health("/z/health/a+b", 200, UP),
        health("/z/health/a%2Bb", 200, UP),
        health(&longest, 200, UP),
        missing(&too_long),
        missing(&endless),
        missing("/z/health/100%2525"),
        missing("/z/health/pair%2Fone"),
        missing("/z/health/%FF"),
        missing("/z/health/%zz"),
        missing("/z/health/%"),
        missing("/z/health%2Fdb"),
        missing("/z/%68ealth"),
        missing("/%7A/health"),
        get(
            "/healthz/gr%C3%B6%C3%9Fe%2F%C3%BC",
            404,
            PROBLEM,
            NOT_SET_UP,
        ),
    ]);
}

#[test]
fn slashes_at_the_end_and_doubled_ones_matter_on_fixed_paths_only() {
    assert_answers(&[
        health("/z/health/db/", 200, ZONE),
        health("/z/health//db", 200, ZONE),
        health("/z/health//pair///one//", 200, UP),
        health("/z/health/pair/", 200, PAIR),
        missing("/z/"),
        missing("/z//health"),
        missing("/z/info/"),
        missing("/z/version/"),
        missing("/z/nowhere"),
        missing("/z/nowhere/else"),
        missing("/z/health/nowhere"),
        missing("/z/health/db/nowhere"),
        missing("/z/healthy"),
        missing("/z/./health"),
        missing("/z/../z/health"),
    ]);
}

#[test]
fn methods_are_the_cores_business() {
    assert_answers(&[
        empty("OPTIONS", "/z", 200, Kind::Allow),
        empty("OPTIONS", "/z/health", 200, Kind::Allow),
        empty("OPTIONS", "/z/health/db", 200, Kind::Allow),
        empty("OPTIONS", "/z/health/nowhere", 404, Kind::Empty),
        empty("OPTIONS", "/healthz/live", 200, Kind::Allow),
        empty("POST", "/z/health", 405, Kind::Allow),
        empty("PUT", "/z/info", 405, Kind::Allow),
        empty("DELETE", "/z/version", 405, Kind::Allow),
        empty("PATCH", "/healthz/live", 405, Kind::Allow),
        empty("TRACE", "/z", 405, Kind::Allow),
        empty("PROPFIND", "/z/health/db", 405, Kind::Allow),
        empty("get", "/z/health", 405, Kind::Allow),
        empty("POST", "/z/nowhere", 404, Kind::Empty),
    ]);
}

#[test]
fn a_body_that_nobody_reads_ends_the_connection_and_nothing_else() {
    let server = server();
    let mut connection = server.connect();
    connection.send("POST", "/z/version", &[("content-length", "9")]);
    connection.write("some=body");
    let answer = connection.receive(false);
    assert_eq!(
        (answer.code, answer.header("connection")),
        (405, Some("close"))
    );
    assert!(connection.is_closed());
    assert_eq!(server.get("/z/version").body, "1.2.3");
}

#[test]
fn the_accept_header_is_passed_on_in_all_its_lines() {
    let server = server();
    let mut connection = server.connect();
    let v2 = "application/vnd.spring-boot.actuator.v2+json";
    let cases = [
        ("none", &[][..], 200, Some(V3)),
        ("one", &[("accept", v2)], 200, Some(v2)),
        (
            "in upper case",
            &[("ACCEPT", "application/json")],
            200,
            Some("application/json"),
        ),
        (
            "several in one line",
            &[("accept", "text/html, application/json;q=0.5")],
            200,
            Some("application/json"),
        ),
        (
            "several lines",
            &[("accept", "text/html"), ("accept", v2)],
            200,
            Some(v2),
        ),
        (
            "what is not produced",
            &[("accept", "text/plain")],
            406,
            None,
        ),
        ("no text", &[("accept", "\u{ff}")], 406, None),
    ];
    for (name, headers, code, content_type) in cases {
        let answer = connection.ask("GET", "/z/health/db", headers);
        assert_eq!(
            (answer.code, answer.header("content-type")),
            (code, content_type),
            "{name}"
        );
        assert_eq!(answer.body.is_empty(), content_type.is_none(), "{name}");
    }
}

#[test]
fn a_poller_that_has_a_copy_is_told_so_without_a_body() {
    let management = Management::builder("orders")
        .check("db", || async { true })
        .stable_bodies()
        .build()
        .unwrap();
    let server = Server::of(move |app| {
        app.service(health_actix::endpoints(&management));
    });
    let mut connection = server.connect();
    let accept = ("accept", "application/json");
    let first = connection.ask("GET", "/z/health/db", &[accept]);
    let tag = first.header("etag").unwrap();
    for method in ["GET", "HEAD"] {
        let again = connection.ask(method, "/z/health/db", &[accept, ("if-none-match", tag)]);
        assert_eq!((again.code, again.body.as_str()), (304, ""), "{method}");
        assert_eq!(again.header("etag"), Some(tag), "{method}");
        assert_eq!(again.header("content-type"), None, "{method}");
    }
    assert_eq!(
        connection.ask("GET", "/z/health/db", &[accept]).body,
        first.body
    );
}

#[test]
fn what_is_pipelined_is_answered_in_order() {
    let server = server();
    let mut connection = server.connect();
    for path in [
        "/z/version",
        "/z/health/queue",
        "/healthz/live",
        "/z/nowhere",
        "/z/health/db",
    ] {
        connection.send("GET", path, &[]);
    }
    let bodies: Vec<_> = (0..5).map(|_| connection.receive(false).body).collect();
    assert_eq!(bodies, ["1.2.3", DOWN, FINE, "", ZONE]);
}
