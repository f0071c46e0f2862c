//! Redirects are followed on the same host, a limited number of times.

use health_checks::{Http, MAX_REDIRECTS, Redirects};
use health_core::Status;

use crate::{
    detail, health, http,
    server::{Refusing, Server, response},
};

/// Redirects `/n` to `/n-1`, and answers at `/0`.
async fn counting_down() -> Server {
    Server::answering(|head| match head.path[1..].parse::<usize>() {
        Ok(0) => response(200, "", "there"),
        Ok(n) => response(302, &format!("location: /{}\r\n", n - 1), ""),
        Err(_) => response(302, "location: /for-ever\r\n", ""),
    })
    .await
}

#[tokio::test]
async fn the_limit_is_inclusive() {
    let server = counting_down().await;
    let found = health(&http(&server.url(&format!("/{MAX_REDIRECTS}")))).await;
    assert_eq!(*found.status(), Status::UP);
    for path in [format!("/{}", MAX_REDIRECTS + 1), "/for-ever".to_owned()] {
        let found = health(&http(&server.url(&path))).await;
        assert_eq!(*found.status(), Status::DOWN, "{path}");
        let expected = format!("a redirect was not followed: more than {MAX_REDIRECTS} in a row");
        assert_eq!(detail(&found, "error"), expected, "{path}");
    }
}

#[tokio::test]
async fn no_header_reaches_another_host() {
    let server = counting_down().await;
    let port = server.address.port();
    let elsewhere = Server::answering(move |_| {
        response(307, &format!("location: http://localhost:{port}/0\r\n"), "")
    })
    .await;
    let check = http(&elsewhere.url("/"))
        .header("X-Api-Key", "s3cret")
        .unwrap();
    let found = health(&check).await;
    let expected = "a redirect was not followed: it leads to another host, localhost: check that one by its own URL";
    assert_eq!(detail(&found, "error"), expected);
    assert_eq!(server.accepted(), 0);
    assert_eq!(elsewhere.heads()[0].header("x-api-key"), "s3cret");
}

#[tokio::test]
async fn a_failure_behind_a_redirect_names_where_it_was() {
    let dead = Refusing::new();
    let address = dead.address;
    let server =
        Server::answering(move |_| response(302, &format!("location: http://{address}/\r\n"), ""))
            .await;
    let error = detail(&health(&http(&server.url("/"))).await, "error");
    assert_eq!(error, format!("{address} refused the connection"));
}

#[tokio::test]
async fn the_application_s_own_client_has_its_own_rules() {
    let server = counting_down().await;
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(crate::tls::trusting_nobody())
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap();
    let found = health(&http(&server.url("/1")).client(client).expect_status([302])).await;
    assert_eq!(*found.status(), Status::UP);
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn none_are_followed_where_that_was_said() {
    let server = counting_down().await;
    let check = http(&server.url("/1")).redirects(Redirects::None);
    assert_eq!(detail(&health(&check).await, "status"), "302");
    assert_eq!(
        *health(&check.expect_status([302])).await.status(),
        Status::UP
    );
}

#[tokio::test]
async fn another_host_is_asked_where_that_was_said_and_gets_no_secret() {
    let server = counting_down().await;
    let port = server.address.port();
    let elsewhere = Server::answering(move |_| {
        let location = format!("location: http://localhost:{port}/1\r\n");
        response(302, &location, "")
    })
    .await;
    let check = || http(&elsewhere.url("/"));
    let follow = |check: Http, count| check.redirects(Redirects::Follow(count));
    let open = check().header("accept", "text/plain").unwrap();
    let found = health(&follow(open.clone(), 2)).await;
    assert_eq!(*found.status(), Status::UP, "{found:?}");
    let error = detail(&health(&follow(open, 1)).await, "error");
    assert_eq!(error, "a redirect was not followed: more than 1 in a row");

    let asked = server.heads().len();
    let secret = || "s3cret".to_owned();
    let confidential = [
        check().basic_auth("user", secret()).unwrap(),
        check().bearer_auth(secret()).unwrap(),
        check().header("X-Api-Key", secret()).unwrap(),
        check().body("text/plain", secret()).unwrap(),
        http(&format!("http://token@{}/", elsewhere.address)),
    ];
    for check in confidential {
        let error = detail(&health(&follow(check, 2)).await, "error");
        let expected = "a redirect was not followed: it leads to another host, localhost, which would be sent credentials, headers or the body";
        assert_eq!(error, expected);
    }
    assert_eq!(server.heads().len(), asked);
}
