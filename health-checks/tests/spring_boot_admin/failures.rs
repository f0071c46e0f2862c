//! An admin that is away, refuses or misbehaves costs one warning and is tried again.

use std::time::Duration;

use axum::{
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use health_checks::Registration;
use health_core::Management;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};

use crate::{
    PERIOD,
    admin::{Admin, Asked},
    client_at, client_of,
    logs::Logs,
};

type Proxy = fn(&Asked) -> Option<Response>;

const NOT_REGISTERED: &str = "not registered at Spring Boot Admin";
const REGISTERED: &str = ": registered at Spring Boot Admin";

fn start(admin: &Admin) -> Registration {
    client_of(admin).start(&management()).unwrap()
}

fn management() -> Management {
    Management::builder("orders").build().unwrap()
}

/// Waits for a line, which is written just after the answer.
async fn logged(logs: &Logs, text: &str, lines: usize) -> Vec<String> {
    for _ in 0..1000 {
        let found = logs.with(text);
        if found.len() >= lines {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("not {lines} lines with `{text}`: {:?}", logs.with(""));
}

#[tokio::test]
async fn an_admin_that_is_away_for_a_while_costs_one_warning_each_time() {
    let (logs, _guard) = Logs::catch();
    let admin = Admin::start().await;
    let _registration = start(&admin);
    for episode in 1..=2 {
        logged(&logs, REGISTERED, episode).await;
        admin.change(|known| {
            known.instances.clear();
            known.proxy = Some(|_| Some(StatusCode::SERVICE_UNAVAILABLE.into_response()));
        });
        admin.until_asked(4, Method::POST).await;
        let warnings = logged(&logs, NOT_REGISTERED, episode).await;
        assert_eq!(warnings.len(), episode);
        let warning = warnings.last().unwrap();
        assert!(warning.contains("WARN"), "{warning}");
        assert!(warning.contains("answered 503"), "{warning}");
        assert!(warning.contains(&admin.url()), "{warning}");

        admin.change(|known| known.proxy = None);
        admin.until(|known| !known.instances.is_empty()).await;
        let lines = logged(&logs, REGISTERED, episode + 1).await;
        assert_eq!(lines.len(), episode + 1);
        assert!(lines.iter().all(|line| line.contains("INFO")), "{lines:?}");
    }
}

#[tokio::test]
async fn an_admin_that_starts_later_is_found() {
    let (logs, _guard) = Logs::catch();
    // Bound and not listened to: nobody else gets the port, and connections are refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let client = client_at(&format!("http://{address}"));
    let _registration = client.start(&management()).unwrap();
    let warnings = logged(&logs, NOT_REGISTERED, 1).await;
    assert!(
        warnings[0].contains(&format!("{address} refused the connection")),
        "{warnings:?}"
    );
    tokio::time::sleep(3 * PERIOD).await;

    let admin = Admin::on(socket.listen(8).unwrap());
    admin.until(|known| !known.instances.is_empty()).await;
    logged(&logs, REGISTERED, 1).await;
    assert_eq!(logs.with(NOT_REGISTERED).len(), 1);
}

#[tokio::test]
async fn each_way_to_fail_is_told_apart() {
    let page: Proxy = |_| Some((StatusCode::OK, "<html>login</html>").into_response());
    let long: Proxy = |_| Some((StatusCode::CREATED, "x".repeat(20_000)).into_response());
    let refusing: Proxy = |_| Some(StatusCode::FORBIDDEN.into_response());
    let elsewhere: Proxy = |_| Some(StatusCode::NOT_FOUND.into_response());
    let cases = [
        ("login page", page, "answered 200 without an id"),
        ("too long", long, "is larger than 16384 bytes"),
        (
            "forbidden",
            refusing,
            "answered 403: is the user set by `basic_auth` right?",
        ),
        (
            "not found",
            elsewhere,
            "answered 404: is there a Spring Boot Admin at this URL?",
        ),
    ];
    for (name, proxy, reason) in cases {
        let (logs, _guard) = Logs::catch();
        let admin = Admin::start().await;
        admin.change(|known| known.proxy = Some(proxy));
        let _registration = start(&admin);
        let warnings = logged(&logs, NOT_REGISTERED, 1).await;
        assert!(warnings[0].contains(reason), "{name}: {warnings:?}");
        admin.change(|known| known.proxy = None);
        admin.until(|known| !known.instances.is_empty()).await;
    }
}

#[tokio::test]
async fn an_admin_that_hangs_is_left_in_time() {
    let (logs, _guard) = Logs::catch();
    let admin = Admin::start().await;
    admin.change(|known| known.delay = Duration::from_secs(3600));
    let client = client_of(&admin).timeout(PERIOD);
    let _registration = client.start(&management()).unwrap();
    let warnings = logged(&logs, NOT_REGISTERED, 1).await;
    assert!(
        warnings[0].contains("gave no answer within 20 ms"),
        "{warnings:?}"
    );
    admin.change(|known| known.delay = Duration::ZERO);
    admin.until(|known| !known.instances.is_empty()).await;
}

/// What a server does that gives a kept connection up at the moment of the next request.
#[tokio::test]
async fn a_kept_connection_that_is_gone_is_no_failure() {
    let (logs, _guard) = Logs::catch();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answering = tokio::spawn(async move {
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in [Some(r#"{"id":"a"}"#), None] {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap().to_lowercase();
                let (_, length) = head.split_once("content-length: ").unwrap();
                let length = length.lines().next().unwrap().parse().unwrap();
                stream.read_exact(&mut vec![0; length]).await.unwrap();
                let Some(body) = answer else { break };
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 201 Created\r\ncontent-length: {length}\r\n\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    let client = client_at(&format!("http://{address}"));
    let _registration = client.start(&management()).unwrap();
    answering.await.unwrap();
    assert_eq!(logs.with("WARN"), [""; 0]);
    assert_eq!(logs.with(REGISTERED).len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (logs, _guard) = Logs::catch();
    let admin = Admin::start().await;
    admin.change(|known| {
        known.proxy = Some(|asked| {
            let location = [(header::LOCATION, "/elsewhere?token=s3cret")];
            let answer = (StatusCode::TEMPORARY_REDIRECT, location).into_response();
            (asked.path == "/instances").then_some(answer)
        });
    });
    let _registration = start(&admin);
    let warnings = logged(&logs, NOT_REGISTERED, 1).await;
    assert!(
        warnings[0].contains("answered 307, a redirect, which is not followed"),
        "{warnings:?}"
    );
    assert_eq!(logs.with("s3cret"), [""; 0]);
    let known = admin.until_asked(2, Method::POST).await;
    assert!(
        known.asked.iter().all(|asked| asked.path == "/instances"),
        "{:?}",
        known.asked
    );
}

#[tokio::test]
async fn a_deregistration_that_fails_says_so() {
    let (logs, _guard) = Logs::catch();
    let admin = Admin::start().await;
    let registration = start(&admin);
    admin.until(|known| !known.instances.is_empty()).await;
    admin.change(|known| {
        known.proxy = Some(|asked| {
            let answer = StatusCode::INTERNAL_SERVER_ERROR.into_response();
            (asked.method == Method::DELETE).then_some(answer)
        });
    });
    registration.deregister().await;
    let lines = logs.with("not deregistered at Spring Boot Admin");
    assert!(lines[0].contains("answered 500"), "{lines:?}");
    assert_eq!(lines.len(), 1);
}

#[tokio::test]
async fn what_the_admin_has_forgotten_counts_as_deregistered() {
    let (logs, _guard) = Logs::catch();
    let admin = Admin::start().await;
    let client = client_of(&admin).period(Duration::from_secs(3600));
    let registration = client.start(&management()).unwrap();
    admin.until(|known| !known.instances.is_empty()).await;
    admin.change(|known| known.instances.clear());
    registration.deregister().await;
    assert_eq!(admin.known().count(&Method::DELETE), 1);
    assert_eq!(logs.with("WARN"), [""; 0]);
    assert_eq!(logs.with(": deregistered at Spring Boot Admin").len(), 1);
}

#[tokio::test]
async fn one_admin_that_works_is_enough() {
    let (logs, _guard) = Logs::catch();
    let [first, second, third] = [
        Admin::start().await,
        Admin::start().await,
        Admin::start().await,
    ];
    first.change(|known| {
        known.proxy = Some(|_| Some(StatusCode::BAD_GATEWAY.into_response()));
    });
    let client = client_of(&first).admin(second.url()).unwrap();
    let client = client.admin(third.url()).unwrap();
    let registration = client.start(&management()).unwrap();
    second.until_asked(3, Method::POST).await;
    assert_eq!(logs.with(NOT_REGISTERED).len(), 1);
    assert!(third.known().asked.is_empty());

    first.change(|known| known.proxy = None);
    first.until(|known| !known.instances.is_empty()).await;
    registration.deregister().await;
    for admin in [first, second] {
        assert!(admin.known().instances.is_empty());
        assert_eq!(admin.known().count(&Method::DELETE), 1);
    }
    assert!(third.known().asked.is_empty());
}

#[tokio::test]
async fn all_admins_can_be_told() {
    let [first, second] = [Admin::start().await, Admin::start().await];
    first.change(|known| known.delay = Duration::from_secs(3600));
    let client = client_of(&first)
        .admin(second.url())
        .unwrap()
        .timeout(Duration::from_secs(1));
    let registration = client.register_at_all().start(&management()).unwrap();
    second.until_asked(3, Method::POST).await;
    first.change(|known| known.delay = Duration::ZERO);
    first.until(|known| !known.instances.is_empty()).await;
    registration.deregister().await;
    assert!(first.known().instances.is_empty());
    assert!(second.known().instances.is_empty());
}
