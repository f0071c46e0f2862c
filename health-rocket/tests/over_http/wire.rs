//! What is on the wire, header for header.

use std::net::SocketAddr;

use health_rocket::{
    Management,
    core::{Health, Show},
};

use crate::{
    app::bare,
    support::{Answer, Client, ask, get, serve},
};

const V3: &str = "application/vnd.spring-boot.actuator.v3+json";
const V2: &str = "application/vnd.spring-boot.actuator.v2+json";
const TEXT: &str = "text/plain; charset=utf-8";
const UP: &str = r#"{"status":"UP"}"#;

async fn orders() -> SocketAddr {
    let management = Management::builder("orders")
        .version("1.2.3")
        .show_details(Show::Always)
        .check("db", || async { true })
        .check("users", || async {
            Health::down().detail("error", "refused")
        })
        .healthz("live", || async { true })
        .build()
        .unwrap();
    serve(bare().attach(health_rocket::endpoints(&management))).await
}

/// An answer as the core gives it: its headers in their order, and the length of the body.
fn answer(code: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let length = body.len().to_string();
    let ends = [("cache-control", "no-store")].into_iter();
    let headers = ends
        .chain(headers.iter().copied())
        .chain([("content-length", length.as_str())]);
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Answer {
        code,
        headers: headers.collect(),
        body: body.to_owned(),
    }
}

fn json(code: u16, body: &str) -> Answer {
    answer(code, &[("content-type", V3)], body)
}

fn empty(code: u16) -> Answer {
    answer(code, &[], "")
}

fn allowing(code: u16) -> Answer {
    answer(code, &[("allow", "GET, HEAD, OPTIONS")], "")
}

#[tokio::test]
async fn whatever_is_below_the_base_path_is_answered_by_the_core() {
    let server = orders().await;
    let down = r#"{"status":"DOWN","details":{"error":"refused"}}"#;
    let version = answer(200, &[("content-type", TEXT)], "1.2.3");
    let cases = [
        ("component", "GET", "/z/health/db", json(200, UP)),
        (
            "failing component",
            "GET",
            "/z/health/users",
            json(503, down),
        ),
        ("group", "GET", "/z/health/liveness", json(200, UP)),
        ("version", "GET", "/z/version", version.clone()),
        ("query", "GET", "/z/version?a=b/c&d", version.clone()),
        (
            "absolute target",
            "GET",
            "http://other.example/z/version",
            version,
        ),
        ("options", "OPTIONS", "/z/health/db", allowing(200)),
        (
            "options of nothing",
            "OPTIONS",
            "/z/health/nothing",
            empty(404),
        ),
        ("post", "POST", "/z/health/db", allowing(405)),
        ("put", "PUT", "/z/version", allowing(405)),
        ("delete", "DELETE", "/z/info", allowing(405)),
        ("patch", "PATCH", "/z", allowing(405)),
        ("trace", "TRACE", "/z/health", allowing(405)),
        ("connect", "CONNECT", "/z/health", allowing(405)),
        ("post to nothing", "POST", "/z/nothing", empty(404)),
        (
            "method unknown to Rocket",
            "BREW",
            "/z/health/db",
            allowing(405),
        ),
        ("method of WebDAV", "PROPFIND", "/z", allowing(405)),
        ("method in lower case", "get", "/z/health", allowing(405)),
        (
            "unknown method on nothing",
            "BREW",
            "/z/nothing",
            empty(404),
        ),
        ("nothing", "GET", "/z/nothing", empty(404)),
        ("no component", "GET", "/z/health/nothing", empty(404)),
        ("below a component", "GET", "/z/health/db/below", empty(404)),
        ("suffix", "GET", "/z/health.json", empty(404)),
        ("slash behind the base", "GET", "/z/", empty(404)),
        ("slash behind a fixed path", "GET", "/z/info/", empty(404)),
        (
            "two slashes behind the base",
            "GET",
            "/z//health",
            empty(404),
        ),
        (
            "two slashes in between",
            "GET",
            "/z/health//db",
            json(200, UP),
        ),
        ("slashes at the end", "GET", "/z/health/db//", json(200, UP)),
        ("encoded letter", "GET", "/z/health/%64b", json(200, UP)),
        ("encoded fixed path", "GET", "/z/%76ersion", empty(404)),
        ("encoded slash", "GET", "/z/health%2Fdb", empty(404)),
        (
            "encoded slash in a name",
            "GET",
            "/z/health/db%2F",
            empty(404),
        ),
        ("dots", "GET", "/z/health/../version", empty(404)),
        ("malformed encoding", "GET", "/z/health/%zz", empty(404)),
        ("cut off encoding", "GET", "/z/health/d%6", empty(404)),
        (
            "no UTF-8 behind the encoding",
            "GET",
            "/z/health/%ff",
            empty(404),
        ),
        ("UTF-8 as it is", "GET", "/z/health/dä", empty(404)),
        ("what no URI holds", "GET", "/z/health/[|]^\\\"", empty(404)),
    ];
    for (name, method, path, expected) in cases {
        assert_eq!(ask(server, method, path, &[]).await, expected, "{name}");
    }
}

#[tokio::test]
async fn what_the_server_refuses_never_reaches_rocket() {
    let server = orders().await;
    let refused = |code| Answer {
        code,
        headers: [("connection", "close"), ("content-length", "0")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: String::new(),
    };
    let long = format!("/z/health/{}", "a".repeat(u16::MAX.into()));
    let cases: [(&str, &[u8], u16); 3] = [
        ("no UTF-8 as it is", b"/z/health/\xff", 400),
        ("angle brackets", b"/z/health/<db>", 400),
        ("longer than a URI may be", long.as_bytes(), 414),
    ];
    for (name, path, code) in cases {
        let mut client = Client::connect(server).await;
        client.send("GET", path, &[]).await;
        assert_eq!(client.answer("GET").await, refused(code), "{name}");
    }
}

#[tokio::test]
async fn the_accept_header_reaches_the_core_whole() {
    let server = orders().await;
    let typed = |content_type| answer(200, &[("content-type", content_type)], UP);
    let cases: [(&str, &[&str], Answer); 6] = [
        ("absent", &[], typed(V3)),
        ("json", &["application/json"], typed("application/json")),
        ("version 2", &[V2], typed(V2)),
        ("none of ours", &["text/html"], empty(406)),
        ("malformed for Rocket", &["text/html;;,, */*"], typed(V3)),
        (
            "on two lines",
            &["text/html", "application/json"],
            typed("application/json"),
        ),
    ];
    for (name, lines, expected) in cases {
        let headers: Vec<_> = lines.iter().map(|line| ("Accept", *line)).collect();
        assert_eq!(
            ask(server, "GET", "/z/health/db", &headers).await,
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    // On one connection, where a body would be taken for the next answer.
    let mut client = Client::connect(orders().await).await;
    for path in [
        "/z",
        "/z/health",
        "/z/health/users",
        "/z/info",
        "/z/version",
        "/z/nothing",
        "/healthz/live",
    ] {
        let whole = client.ask("GET", path).await;
        let expected = Answer {
            body: String::new(),
            ..whole
        };
        assert_eq!(client.ask("HEAD", path).await, expected, "{path}");
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let mut client = Client::connect(orders().await).await;
    let one = |method, path| format!("{method} {path} HTTP/1.1\r\nhost: h\r\n\r\n");
    let requests = one("GET", "/z/version")
        + &one("HEAD", "/z/version")
        + &one("BREW", "/z")
        + &one("GET", "/z/health/db");
    client.send_raw(requests.as_bytes()).await;
    assert_eq!(client.answer("GET").await.body, "1.2.3");
    assert_eq!(
        client.answer("HEAD").await.header("content-length"),
        Some("5")
    );
    assert_eq!(client.answer("BREW").await.code, 405);
    assert_eq!(client.answer("GET").await.body, UP);
}

#[tokio::test]
async fn names_of_128_characters_and_paths_of_64_kilobytes_are_found_or_not_found() {
    let name = "ä".repeat(128);
    let management = Management::builder("orders")
        .check(&name, || async { true })
        .build()
        .unwrap();
    let server = serve(bare().attach(health_rocket::endpoints(&management))).await;
    let encoded = "%C3%A4".repeat(128);
    let cases = [
        ("as it is", format!("/z/health/{name}"), json(200, UP)),
        ("encoded", format!("/z/health/{encoded}"), json(200, UP)),
        ("one more", format!("/z/health/{encoded}a"), empty(404)),
        (
            "long",
            format!("/z/health/{}", "a".repeat(65_000)),
            empty(404),
        ),
        (
            "deep",
            format!("/z/health/{}", "a/".repeat(32_000)),
            empty(404),
        ),
    ];
    for (case, path, expected) in cases {
        assert_eq!(get(server, &path).await, expected, "{case}");
    }
}

#[tokio::test]
async fn named_checks_answer_as_flask_healthz_does() {
    let server = orders().await;
    let problem = |code, body| answer(code, &[("content-type", "application/problem+json")], body);
    let unknown = r#"{"status": 404, "title": "The nothing check endpoint is not setup"}"#;
    let cases = [
        (
            "GET",
            "/healthz/live",
            problem(200, r#"{"status": 200, "title": "OK"}"#),
        ),
        ("GET", "/healthz/nothing", problem(404, unknown)),
        ("POST", "/healthz/live", allowing(405)),
        ("BREW", "/healthz/live", allowing(405)),
    ];
    for (method, path, expected) in cases {
        assert_eq!(
            ask(server, method, path, &[]).await,
            expected,
            "{method} {path}"
        );
    }
}
