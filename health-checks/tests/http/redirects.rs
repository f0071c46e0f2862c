//! Redirects are followed on the same host, a limited number of times.

use health_checks::MAX_REDIRECTS;
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
