//! What the time went to.

use std::{collections::BTreeSet, time::Duration};

use health_core::{Health, Status};
use serde_json::Value;
use tokio::io::AsyncWriteExt;

use crate::{
    health, http,
    server::{Server, read_head, response},
    tls::{certificate, https, only, tls_server},
};

const PAUSE: Duration = Duration::from_millis(30);

fn timings(health: &Health) -> Value {
    health.details().get("timings").unwrap().clone()
}

fn assert_keys(timings: &Value, expected: &[&str]) {
    let keys = timings.as_object().unwrap().keys();
    let keys: BTreeSet<&str> = keys.map(String::as_str).collect();
    assert_eq!(keys, expected.iter().copied().collect());
}

#[tokio::test]
async fn a_kept_connection_is_not_made_again() {
    let certificate = certificate();
    let server = tls_server(&certificate).await;
    let check = http(&https(&server)).tls(only(&certificate));
    let found = health(&check).await;
    let first = timings(&found);
    assert_eq!(*found.status(), Status::UP, "{found:?}");
    assert_keys(
        &first,
        &["connectMs", "tlsMs", "firstByteMs", "bodyMs", "totalMs"],
    );
    let again = timings(&health(&check).await);
    assert_keys(&again, &["firstByteMs", "bodyMs", "totalMs"]);
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let server = Server::answering(|_| response(200, "", "")).await;
    let port = server.address.port();
    let found = timings(&health(&http(&format!("http://localhost:{port}/"))).await);
    assert_keys(
        &found,
        &["dnsMs", "connectMs", "firstByteMs", "bodyMs", "totalMs"],
    );
}

#[tokio::test]
async fn the_time_is_where_it_was_lost() {
    let head = response(200, "", "1234");
    let slow = |before: Duration, within: Duration| {
        let head = head.clone();
        Server::raw(move |mut stream| {
            let head = head.clone();
            async move {
                read_head(&mut stream).await;
                tokio::time::sleep(before).await;
                let (start, end) = head.split_at(head.len() - 2);
                stream.write_all(start).await.unwrap();
                tokio::time::sleep(within).await;
                stream.write_all(end).await.unwrap();
            }
        })
    };
    for (key, before, within) in [
        ("firstByteMs", PAUSE, Duration::ZERO),
        ("bodyMs", Duration::ZERO, PAUSE),
    ] {
        let server = slow(before, within).await;
        let found = timings(&health(&http(&server.url("/"))).await);
        assert!(found[key].as_u64().unwrap() >= 29, "{key}: {found}");
        assert!(
            found["totalMs"].as_u64() >= found[key].as_u64(),
            "{key}: {found}"
        );
    }
}

#[tokio::test]
async fn a_failure_tells_how_far_it_came() {
    let server = Server::raw(|mut stream| async move {
        read_head(&mut stream).await;
        tokio::time::sleep(PAUSE).await;
    })
    .await;
    let found = health(&http(&server.url("/")).method(health_checks::Method::POST)).await;
    assert_eq!(*found.status(), Status::DOWN);
    let timings = timings(&found);
    assert_keys(&timings, &["connectMs", "firstByteMs", "totalMs"]);
    assert!(timings["firstByteMs"].as_u64().unwrap() >= 29, "{timings}");

    let hanging = Server::raw(|stream| async move {
        let _keep = stream;
        std::future::pending().await
    })
    .await;
    let found = self::timings(&health(&http(&https(&hanging))).await);
    assert_keys(&found, &["connectMs", "tlsMs", "totalMs"]);
    assert!(found["tlsMs"].as_u64().unwrap() >= 500, "{found}");
}
