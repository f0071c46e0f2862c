//! Each way to fail tells itself apart from the others, ends in time and shows no secret.

use std::time::{Duration, Instant};

use check_testing::servers::canned::{Canned, End};
use health_checks::{DEFAULT_BODY_LIMIT_BYTES, Method};
use health_core::{Check, Management, Request, Show, Status};
use reqwest::header::HeaderMap;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    dependency, dependency_at, detail, health, http,
    server::{Refusing, Server, json, read_head, response},
};

/// Long enough for a machine that has other things to do to keep the time just before it.
const DEADLINE: Duration = Duration::from_secs(1);

/// Asks a check through an engine and returns the status and the error.
async fn asked(check: impl Check) -> (String, String) {
    let management = Management::builder("orders")
        .check("it", check)
        .deadline(DEADLINE)
        .show_details(Show::Always)
        .build()
        .unwrap();
    let headers = HeaderMap::new();
    let reply = management
        .respond(&Request::new("GET", "/z/health/it", &headers))
        .await;
    let body: serde_json::Value = serde_json::from_slice(reply.body()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    (text(&body["status"]), text(&body["details"]["error"]))
}

/// Replaces the time in an error that is a little below the deadline: the other side is given 90 %
/// of what is left, and we wait 5 % of that longer.
fn without_time(error: &str) -> String {
    (1..=945).fold(error.to_owned(), |error, time| {
        error.replace(&format!(" {time} ms"), " # ms")
    })
}

/// Asks by both checks and compares the errors with the expected text, in which `{}` stands for
/// the address.
async fn both_say(server: &Server, expected: &str) {
    let expected = expected.replace("{}", &server.address.to_string());
    let url = server.url("/a");
    let (http, dependency) = (http(&url), dependency(&url));
    let (http, dependency) = tokio::join!(asked(http), asked(dependency));
    for (check, (status, error)) in [("http", http), ("dependency", dependency)] {
        assert_eq!(status, "DOWN", "{check}");
        assert_eq!(without_time(&error), expected, "{check}");
    }
}

#[tokio::test]
async fn refused() {
    let nobody = Refusing::new();
    let address = nobody.address;
    for error in [
        asked(http(&format!("http://{address}/"))).await.1,
        asked(dependency_at(address)).await.1,
    ] {
        assert_eq!(error, format!("{address} refused the connection"));
    }
}

#[tokio::test]
async fn name_not_resolved() {
    // Reserved for names that never resolve. Source: RFC 6761 6.4.
    let found = health(&http("http://nowhere.invalid:81/secret-path")).await;
    let error = detail(&found, "error");
    assert_eq!(*found.status(), Status::DOWN);
    assert!(
        error.starts_with("the name of nowhere.invalid:81 was not resolved: "),
        "{error}"
    );
    assert!(!error.contains("secret-path"), "{error}");
}

#[tokio::test]
async fn black_hole_ends_before_the_deadline_with_the_reason() {
    let server = Server::raw(|stream| async move {
        let _keep = stream;
        std::future::pending().await
    })
    .await;
    let started = Instant::now();
    both_say(&server, "{} gave no answer within # ms").await;
    assert!(started.elapsed() < 10 * DEADLINE);
}

#[tokio::test]
async fn a_connection_that_is_not_made_is_told_from_an_answer_that_does_not_come() {
    // A queue of one that nobody accepts from: further connections are not answered.
    let nobody = Refusing::new();
    let address = nobody.address;
    let _listener = nobody.listen(1);
    let mut queued = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(50), TcpStream::connect(address)).await
    {
        queued.push(stream);
        assert!(queued.len() < 1000, "the queue never fills");
    }
    let (status, error) = asked(http(&format!("http://{address}/"))).await;
    let expected = format!("no connection to {address} within # ms");
    assert_eq!((status.as_str(), without_time(&error)), ("DOWN", expected));
}

#[tokio::test]
async fn an_own_client_may_give_up_earlier() {
    let server = Server::raw(|stream| async move {
        let _keep = stream;
        std::future::pending().await
    })
    .await;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(crate::tls::trusting_nobody())
        .timeout(DEADLINE / 20)
        .no_proxy()
        .build()
        .unwrap();
    let error = asked(http(&server.url("/")).client(client)).await.1;
    let expected = format!(
        "the request to {} failed: operation timed out",
        server.address
    );
    assert_eq!(error, expected);
}

#[tokio::test]
async fn unexpected_status() {
    let server = Server::answering(|_| response(503, "", "no")).await;
    let found = health(&http(&server.url("/a"))).await;
    assert_eq!(*found.status(), Status::DOWN);
    let details: Vec<_> = found
        .details()
        .iter()
        .filter(|(name, _)| *name != "timings")
        .map(|(name, value)| (name, value.to_string()))
        .collect();
    let url = format!("\"{}\"", server.url("/a"));
    let error = "\"answered 503, expected 200-299\"".to_owned();
    let failed = r#"[{"condition":"the status","expected":"200-299","found":"503"}]"#.to_owned();
    let expected = [
        ("url", url),
        ("status", "503".to_owned()),
        ("failed", failed),
        ("error", error),
    ];
    assert_eq!(details, expected);
    let found = health(&http(&server.url("/a")).expect_status([200, 503])).await;
    assert_eq!(*found.status(), Status::UP);
    assert_eq!(detail(&found, "error"), "");
}

#[tokio::test]
async fn closed_before_the_answer() {
    let server = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
    })
    .await;
    both_say(&server, "{} closed the connection before it answered").await;
}

#[tokio::test]
async fn not_http() {
    let server = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
        std::future::pending().await
    })
    .await;
    both_say(
        &server,
        "what {} answered is not HTTP: invalid HTTP version parsed",
    )
    .await;
}

/// Holds the runtime up at each turn, so that a server on a thread of its own is faster nearly always.
fn be_slow() {
    tokio::spawn(async {
        loop {
            std::thread::sleep(Duration::from_millis(3));
            tokio::task::yield_now().await;
        }
    });
}

#[tokio::test]
async fn a_server_that_speaks_first_is_not_http() {
    let server = Canned::start(["SSH-2.0-OpenSSH_9.2\r\n"], End::Hold);
    let address = server.address();
    be_slow();
    let found = health(&http(&format!("http://{address}/"))).await;
    let error = detail(&found, "error");
    // Most often; where the request was sent first, or the client had ended what is no HTTP.
    let expected = [
        format!("what {address} answered is not HTTP: it comes unasked"),
        format!("what {address} answered is not HTTP: invalid HTTP version parsed"),
        format!("{address} closed the connection before it answered"),
    ];
    assert!(expected.contains(&error), "{error}");
}

#[tokio::test]
async fn a_connection_that_is_closed_at_once_is_told_by_one_sentence() {
    let server = Canned::start([""], End::Close);
    let address = server.address();
    let expected = format!("{address} closed the connection before it answered");
    let error = async |method: Method| {
        let check = http(&format!("http://{address}/")).method(method);
        detail(&health(&check).await, "error")
    };
    assert_eq!(error(Method::GET).await, expected);
    be_slow();
    for method in [Method::GET, Method::POST] {
        assert_eq!(error(method.clone()).await, expected, "{method}");
    }
}

#[tokio::test]
async fn too_many_headers_are_not_called_another_protocol() {
    let headers: String = (0..200)
        .map(|number| format!("x-{number}: a\r\n"))
        .collect();
    let server = Server::answering(move |_| response(200, &headers, "")).await;
    both_say(&server, "the headers of {} are too many or too large").await;
}

#[tokio::test]
async fn body_that_breaks_off() {
    let server = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            .await;
    })
    .await;
    let error = asked(http(&server.url("/"))).await.1;
    let expected = format!("the answer of {} broke off: ", server.address);
    assert!(error.starts_with(&expected), "{error}");
    assert_eq!(
        detail(&health(&http(&server.url("/"))).await, "status"),
        "200"
    );
}

#[tokio::test]
async fn body_that_does_not_end() {
    let server = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
            .await;
        std::future::pending().await
    })
    .await;
    both_say(&server, "{} did not finish its answer within # ms").await;
}

#[tokio::test]
async fn body_over_the_limit() {
    let endless = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await;
        let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
        while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    let (status, _) = asked(http(&endless.url("/"))).await;
    assert_eq!(status, "UP", "the plain check needs no more than the code");
    let (status, error) = asked(dependency(&endless.url("/"))).await;
    let expected = format!(
        "the answer of {} is larger than {DEFAULT_BODY_LIMIT_BYTES} bytes",
        endless.address
    );
    assert_eq!((status.as_str(), error), ("DOWN", expected));

    let exact = r#"{"status": "UP"}"#;
    let server = Server::answering(move |_| json(200, exact)).await;
    let (status, _) = asked(dependency(&server.url("/")).body_limit_bytes(exact.len())).await;
    assert_eq!(status, "UP", "the limit is inclusive");
    let (_, error) = asked(dependency(&server.url("/")).body_limit_bytes(exact.len() - 1)).await;
    assert_eq!(
        error,
        format!("the answer of {} is larger than 15 bytes", server.address)
    );
}
