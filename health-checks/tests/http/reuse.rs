//! Connections are kept, and a kept one that is gone makes nobody DOWN.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use check_testing::{Relay, eventually};
use health_checks::Method;
use health_core::{Management, Status};
use tokio::{io::AsyncWriteExt, sync::Barrier, task::JoinSet};

use crate::{
    dependency, detail, health, http,
    server::{Refusing, Server, json, read_head, response},
};

const RUNS: usize = 50;

#[tokio::test]
async fn many_runs_of_all_checks_need_one_connection() {
    let server = Server::answering(|_| json(200, r#"{"status": "UP"}"#)).await;
    let checks = (http(&server.url("/a")), dependency(&server.url("/b")));
    for _ in 0..RUNS {
        assert_eq!(*health(&checks.0).await.status(), Status::UP);
        assert_eq!(*health(&checks.1).await.status(), Status::UP);
    }
    assert_eq!(server.heads().len(), 2 * RUNS);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn no_more_than_four_connections_are_kept() {
    const AT_ONCE: usize = 9;
    let all_there = Arc::new(Barrier::new(AT_ONCE));
    let server = Server::raw(move |mut stream| {
        let all_there = Arc::clone(&all_there);
        async move {
            read_head(&mut stream).await;
            all_there.wait().await;
            stream.write_all(&response(200, "", "")).await.unwrap();
            read_head(&mut stream).await;
        }
    })
    .await;
    let relay = Relay::to(server.address);
    let check = http(&format!("http://{}/", relay.address()));
    let mut asked = JoinSet::new();
    for _ in 0..AT_ONCE {
        let check = check.clone();
        asked.spawn(async move { health(&check).await });
    }
    for found in asked.join_all().await {
        assert_eq!(*found.status(), Status::UP, "{found:?}");
    }
    let within = Duration::from_secs(10);
    eventually("the others are closed", within, async || relay.open() == 4).await;
}

#[tokio::test]
async fn errors_keep_the_connection_too() {
    let server = Server::answering(|_| response(500, "", "x".repeat(10_000))).await;
    let check = http(&server.url("/"));
    for _ in 0..RUNS {
        assert_eq!(*health(&check).await.status(), Status::DOWN);
    }
    assert_eq!(server.accepted(), 1);
}

/// Answers once on each connection, and closes it when it is used again: what a server does that
/// gives a kept connection up at the moment of the next request.
async fn giving_up() -> Server {
    Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        stream.write_all(&response(200, "", "once")).await.unwrap();
        read_head(&mut stream).await;
    })
    .await
}

#[tokio::test]
async fn a_kept_connection_that_is_closed_is_replaced() {
    let server = giving_up().await;
    let check = http(&server.url("/"));
    for run in 0..5 {
        let found = health(&check).await;
        assert_eq!(*found.status(), Status::UP, "run {run}: {found:?}");
    }
    assert_eq!(server.accepted(), 5);
}

#[tokio::test]
async fn what_changes_something_is_not_asked_twice() {
    let server = giving_up().await;
    let check = http(&server.url("/")).method(Method::POST);
    assert_eq!(*health(&check).await.status(), Status::UP);
    let expected = format!(
        "{} closed the connection before it answered",
        server.address
    );
    assert_eq!(detail(&health(&check).await, "error"), expected);
    assert_eq!(server.accepted(), 1);
}

#[tokio::test]
async fn a_server_that_never_answers_is_asked_twice_and_no_more() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let server = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        ASKED.fetch_add(1, Ordering::SeqCst);
    })
    .await;
    assert_eq!(
        *health(&http(&server.url("/"))).await.status(),
        Status::DOWN
    );
    assert_eq!(ASKED.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    let server = Server::answering(|_| response(200, "", "one")).await;
    let check = http(&server.url("/"));
    assert_eq!(*health(&check).await.status(), Status::UP);
    let address = server.address;
    drop(server);
    // The port is free when the runtime has dropped the listener.
    let nobody = loop {
        match Refusing::at(address) {
            Ok(nobody) => break nobody,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(
        detail(&health(&check).await, "error"),
        format!("{address} refused the connection")
    );
    let management = Management::builder("again").build().unwrap();
    let _server = Server::of(&management, nobody.listen(1));
    assert_eq!(
        detail(&health(&check.expect_status([404])).await, "error"),
        ""
    );
}
