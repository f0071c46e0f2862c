//! What is expected of an answer besides that it comes.

use std::time::Duration;

use health_checks::{Http, JsonIs, MAX_FOUND_CHARS, Method};
use health_core::{Check, Health, Status};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::{
    detail, health, http,
    server::{Server, read_head, response},
};

const BODY: &str = r#"{"nodes": ["a", "b"], "queue": {"length": 3, "open": true}, "state": "ok"}"#;

async fn server() -> Server {
    Server::answering(|_| response(200, "etag: \"abc\"\r\nvia: x\r\nvia: y\r\n", BODY)).await
}

type Set = fn(Http) -> Http;

#[tokio::test]
async fn each_condition_passes_and_fails_with_what_was_found() {
    let server = server().await;
    let body = ("the body", BODY);
    let json = (
        "the body",
        r#"{"nodes":["a","b"],"queue":{"length":3,"open":true},"state":"ok"}"#,
    );
    let cases: [(&str, Set, Option<(&str, &str, &str)>); 18] = [
        ("text", |c| c.expect_body_contains("\"ok\""), None),
        (
            "no text",
            |c| c.expect_body_contains("OK"),
            Some((body.0, "to contain `OK`", body.1)),
        ),
        ("without", |c| c.expect_body_without("error"), None),
        (
            "not without",
            |c| c.expect_body_without("ok"),
            Some((body.0, "not to contain `ok`", body.1)),
        ),
        (
            "regex",
            |c| c.expect_body_matches(r#""length":\s*\d+"#).unwrap(),
            None,
        ),
        (
            "no match",
            |c| c.expect_body_matches("^ok$").unwrap(),
            Some((body.0, "to match `^ok$`", body.1)),
        ),
        (
            "without match",
            |c| c.expect_body_without_match("(?i)ERROR").unwrap(),
            None,
        ),
        (
            "a match",
            |c| c.expect_body_without_match("(?i)OK").unwrap(),
            Some((body.0, "not to match `(?i)OK`", body.1)),
        ),
        (
            "json",
            |c| c.expect_json(json!({"queue": {"length": 3.0}})),
            None,
        ),
        (
            "other json",
            |c| c.expect_json(json!({"queue": {"length": 4}})),
            Some((json.0, r#"to hold {"queue":{"length":4}}"#, json.1)),
        ),
        (
            "path",
            |c| {
                c.expect_json_path("$.queue.length", JsonIs::less_than(10))
                    .unwrap()
            },
            None,
        ),
        (
            "other path",
            |c| {
                c.expect_json_path("$.queue.length", JsonIs::less_than(3))
                    .unwrap()
            },
            Some(("`$.queue.length`", "to be less than 3", "3")),
        ),
        (
            "missing path",
            |c| c.expect_json_path("$.x", JsonIs::not_equal_to(3)).unwrap(),
            Some(("`$.x`", "not to be 3", "nothing")),
        ),
        (
            "all",
            |c| {
                c.expect_json_path("$.nodes[*]", JsonIs::equal_to("a").for_all())
                    .unwrap()
            },
            Some(("all of `$.nodes[*]`", "to be \"a\"", "\"b\"")),
        ),
        ("header", |c| c.expect_header("ETag", "abc").unwrap(), None),
        (
            "second header",
            |c| c.expect_header("via", "y").unwrap(),
            None,
        ),
        (
            "other header",
            |c| c.expect_header("via", "z").unwrap(),
            Some(("the header `via`", "to contain `z`", "x, y")),
        ),
        (
            "no header",
            |c| c.expect_header("age", "").unwrap(),
            Some(("the header `age`", "to contain ``", "nothing")),
        ),
    ];
    for (name, set, unmet) in cases {
        let found = health(&set(http(&server.url("/")))).await;
        let Some((condition, expected, what)) = unmet else {
            assert_eq!(*found.status(), Status::UP, "{name}: {found:?}");
            assert_eq!(detail(&found, "failed"), "", "{name}");
            continue;
        };
        assert_eq!(*found.status(), Status::DOWN, "{name}: {found:?}");
        let failed = json!([{"condition": condition, "expected": expected, "found": what}]);
        assert_eq!(found.details().get("failed"), Some(&failed), "{name}");
        let error = format!("answered 200, but expected {condition} {expected}; found {what}");
        assert_eq!(detail(&found, "error"), error, "{name}");
        assert_eq!(detail(&found, "status"), "200", "{name}");
    }
}

#[tokio::test]
async fn all_that_failed_is_listed() {
    let server = Server::answering(|_| response(404, "", "no")).await;
    let check = http(&server.url("/"))
        .expect_body_contains("yes")
        .expect_body_without("nothing")
        .expect_json(json!({}));
    let found = health(&check).await;
    let error = "answered 404, expected 200-299; 2 more conditions failed";
    assert_eq!(detail(&found, "error"), error);
    let failed = found.details().get("failed").unwrap().as_array().unwrap();
    let found: Vec<&str> = failed
        .iter()
        .map(|one| one["found"].as_str().unwrap())
        .collect();
    assert_eq!(
        found,
        ["404", "no", "no JSON: expected ident at line 1 column 2"]
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_not_known_to_be_missing() {
    let utf_16: Vec<u8> = "an error"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin = b"gr\xf6\xdfer: Fehler".to_vec();
    let packed = b"1\r\nx\r\n0\r\n\r\n";
    let of_transfer = |header: &str| {
        let head = format!("HTTP/1.1 200 X\r\n{header}transfer-encoding: chunked\r\n\r\n");
        [head.as_bytes(), packed].concat()
    };
    let encoded = "an encoded body, which is not read";
    let cases = [
        ("UTF-16", response(200, "", utf_16), "no text in UTF-8"),
        (
            "other than UTF-8",
            response(200, "", latin),
            "no text in UTF-8",
        ),
        (
            "two codings",
            response(200, "content-encoding: identity, br\r\n", "x"),
            encoded,
        ),
        (
            "coding of the transfer",
            of_transfer("transfer-encoding: gzip\r\n"),
            encoded,
        ),
    ];
    for (name, answer, reason) in cases {
        let server = Server::answering(move |_| answer.clone()).await;
        let check = || http(&server.url("/"));
        for check in [
            check().expect_body_without("größer"),
            check().expect_body_without_match("error").unwrap(),
        ] {
            let found = health(&check).await;
            assert_eq!(*found.status(), Status::DOWN, "{name}: {found:?}");
            let error = detail(&found, "error");
            assert!(error.ends_with(reason), "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_body_is_read_whatever_is_said_of_it_to_no_effect() {
    let cases = [
        ("capitals", "content-encoding: Identity\r\n", "{}"),
        ("no coding", "content-encoding: \r\n", "{}"),
        ("byte order mark", "", "\u{feff}{}"),
    ];
    for (name, headers, body) in cases {
        let server = Server::answering(move |_| response(200, headers, body)).await;
        let found = health(&http(&server.url("/")).expect_json(json!({}))).await;
        assert_eq!(*found.status(), Status::UP, "{name}: {found:?}");
    }
}

fn negated(url: &str) -> [(&'static str, Http); 4] {
    let check = || http(url).expect_status(100..600).body_limit_bytes(64);
    let path = JsonIs::not_equal_to("x").for_any();
    [
        ("without", check().expect_body_without("never")),
        (
            "without match",
            check().expect_body_without_match("never").unwrap(),
        ),
        ("path", check().expect_json_path("$", path).unwrap()),
        ("nothing of JSON", check().expect_json(json!({}))),
    ]
}

#[tokio::test]
async fn no_condition_is_met_by_a_body_that_is_missing_or_cut() {
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("empty", response(200, "", ""), "; found nothing"),
        (
            "no content",
            b"HTTP/1.1 204 X\r\n\r\n".to_vec(),
            "; found nothing",
        ),
        (
            "too large",
            response(200, "", format!("{{}}{}", " ".repeat(63))),
            "; found more than 64 bytes, which are not read",
        ),
        (
            "encoded",
            response(200, "content-encoding: gzip\r\n", "{}"),
            "; found an encoded body, which is not read",
        ),
        (
            "cut",
            b"HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{}".to_vec(),
            " broke off: ",
        ),
    ];
    for (name, answer, reason) in cases {
        let server = Server::raw(move |mut stream| {
            let answer = answer.clone();
            async move {
                read_head(&mut stream).await;
                _ = stream.write_all(&answer).await;
            }
        })
        .await;
        for (condition, check) in negated(&server.url("/")) {
            let found = health(&check).await;
            let error = detail(&found, "error");
            assert_eq!(*found.status(), Status::DOWN, "{name}, {condition}");
            assert!(error.contains(reason), "{name}, {condition}: {error}");
        }
    }
    let head = Server::answering(|_| b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n".to_vec()).await;
    for (condition, check) in negated(&head.url("/")) {
        let found = health(&check.method(Method::HEAD)).await;
        assert!(
            detail(&found, "error").ends_with("found nothing"),
            "HEAD, {condition}: {found:?}"
        );
    }
}

#[tokio::test]
async fn what_was_found_is_cut_and_shows_no_secret() {
    const SECRET: &str = "s3cret";
    let server = Server::answering(|head| {
        let told = format!("{}{}", head.header("authorization"), "ö".repeat(1000));
        response(200, "echo: s3cret\r\n", told)
    })
    .await;
    let check = http(&server.url(&format!("/?token={SECRET}")))
        .bearer_auth(SECRET.to_owned())
        .unwrap()
        .expect_body_contains(format!("x{SECRET}"))
        .expect_header("echo", "x")
        .unwrap();
    let found: Health = health(&check).await;
    assert!(
        !format!("{found:?} {check:?}").contains(SECRET),
        "{found:?}"
    );
    let failed = found.details().get("failed").unwrap();
    assert_eq!(failed[0]["expected"], "to contain `x******`");
    let text = failed[0]["found"].as_str().unwrap();
    assert!(
        text.starts_with("******ö") && text.ends_with("ö..."),
        "{text}"
    );
    assert_eq!(text.chars().count(), MAX_FOUND_CHARS + 3);
    assert_eq!(failed[1]["found"], "******");
}

#[tokio::test]
async fn a_body_is_sent_with_its_type() {
    let bodies: [(&str, Set, &str); 2] = [
        (
            "application/json",
            |check| check.json(json!({"a": 1})),
            r#"{"a":1}"#,
        ),
        (
            "text/plain",
            |check| check.body("text/plain", *b"hello").unwrap(),
            "hello",
        ),
    ];
    for (content_type, set, body) in bodies {
        let server = Server::raw(move |mut stream| async move {
            use tokio::io::AsyncReadExt;
            let head = read_head(&mut stream).await.unwrap();
            let length = head.header("content-length").parse().unwrap();
            let mut sent = vec![0; length];
            stream.read_exact(&mut sent).await.unwrap();
            let said = format!("{} {} ", head.method, head.header("content-type"));
            let said = [said.as_bytes(), &sent].concat();
            stream.write_all(&response(200, "", said)).await.unwrap();
        })
        .await;
        let check = set(http(&server.url("/"))).method(Method::PUT);
        let check = check.expect_body_contains(format!("PUT {content_type} {body}"));
        let found = health(&check).await;
        assert_eq!(*found.status(), Status::UP, "{found:?}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_late_is_degraded() {
    let server = server().await;
    let check = |after| http(&server.url("/")).degraded_after(after);
    let found = health(&check(Duration::from_secs(60))).await;
    assert_eq!(*found.status(), Status::UP);
    let late = check(Duration::ZERO);
    let found = health(&late).await;
    assert_eq!(*found.status(), Status::DEGRADED);
    let failed: &Value = found.details().get("failed").unwrap();
    assert_eq!(failed[0]["condition"], "the time");
    assert_eq!(failed[0]["expected"], "below 0 ms");
    let error = detail(&found, "error");
    assert!(
        error.starts_with("took ") && error.ends_with(" ms, expected it below 0 ms"),
        "{error}"
    );
    let down = health(&late.expect_body_contains("x")).await;
    assert_eq!(
        *down.status(),
        Status::DOWN,
        "what is wrong counts before what is slow"
    );
}

#[test]
fn wrong_patterns_are_refused() {
    let error = |pattern: &str| {
        http("http://h")
            .expect_body_matches(pattern)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("a(b"),
        "regular expression `a(b`: error: unclosed group"
    );
    let large = error(r"\w{500}{500}");
    assert!(large.contains("size limit"), "{large}");
    assert!(
        error(r"(?=a)").contains("look-around"),
        "{}",
        error(r"(?=a)")
    );
}

#[tokio::test]
async fn a_search_takes_no_longer_than_the_body_is_long() {
    let server = Server::answering(|_| response(200, "", "a".repeat(200_000))).await;
    let check = http(&server.url("/"))
        .expect_body_without_match("(a*)*(a|aa)+b")
        .unwrap();
    let found = health(&check).await;
    assert_eq!(*found.status(), Status::UP, "{found:?}");
    assert_eq!(check.scope(), health_core::Scope::External);
}
