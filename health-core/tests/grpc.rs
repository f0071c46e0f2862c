//! The gRPC health protocol, with tonic's own client over a real connection.
#![allow(clippy::unwrap_used, reason = "a test fails loudly")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use health_core::{Component, Management, Refresh, Show, grpc};
use tokio::{net::TcpListener, time::timeout};
use tonic::{
    Code,
    codegen::tokio_stream::{Stream, StreamExt},
    transport::{Channel, Server, server::TcpIncoming},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

const SOON: Duration = Duration::from_secs(10);

async fn client(management: &Management) -> HealthClient<Channel> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::builder().add_service(grpc::service(management));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let channel = Channel::from_shared(address)
        .unwrap()
        .connect()
        .await
        .unwrap();
    HealthClient::new(channel)
}

fn asks(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

/// A check that can be switched, in the background so that a watcher hears of a change at once.
fn switched() -> (Component, Arc<AtomicBool>) {
    let is_up = Arc::new(AtomicBool::new(true));
    let state = Arc::clone(&is_up);
    let check = move || {
        let is_up = state.load(Ordering::SeqCst);
        async move { is_up }
    };
    let refresh = Refresh::every(Duration::from_millis(20));
    (Component::new("db", check).background(refresh), is_up)
}

#[tokio::test]
async fn check_answers_for_the_whole_groups_and_components() {
    let management = Management::builder("orders")
        .check("db", || async { false })
        .component(Component::composite(
            "pair",
            [Component::new("a/b".replace('/', " "), || async { true })],
        ))
        .build()
        .unwrap();
    let mut client = client(&management).await;
    let cases = [
        ("", Ok(ServingStatus::NotServing)),
        ("liveness", Ok(ServingStatus::Serving)),
        ("readiness", Ok(ServingStatus::Serving)),
        ("db", Ok(ServingStatus::NotServing)),
        ("pair/a b", Ok(ServingStatus::Serving)),
        ("nobody", Err(Code::NotFound)),
    ];
    for (service, expected) in cases {
        let answer = client.check(asks(service)).await;
        let answer = answer
            .map(|answer| answer.into_inner().status())
            .map_err(|error| error.code());
        assert_eq!(answer, expected, "{service}");
    }
}

#[tokio::test]
async fn hidden_components_are_not_found() {
    let management = Management::builder("orders")
        .check("db", || async { true })
        .show_components(Show::Never)
        .build()
        .unwrap();
    let mut client = client(&management).await;
    let error = client.check(asks("db")).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
}

async fn next(
    answers: &mut (
             impl Stream<Item = Result<tonic_health::pb::HealthCheckResponse, tonic::Status>> + Unpin
         ),
) -> ServingStatus {
    let answer = timeout(SOON, answers.next())
        .await
        .expect("an answer in time");
    answer.expect("the stream goes on").unwrap().status()
}

#[tokio::test]
async fn watch_tells_each_change_once() {
    let (component, is_up) = switched();
    let management = Management::builder("orders")
        .component(component)
        .build()
        .unwrap();
    let mut client = client(&management).await;
    let mut answers = client.watch(asks("db")).await.unwrap().into_inner();
    assert_eq!(next(&mut answers).await, ServingStatus::Serving);
    is_up.store(false, Ordering::SeqCst);
    assert_eq!(next(&mut answers).await, ServingStatus::NotServing);
    is_up.store(true, Ordering::SeqCst);
    assert_eq!(next(&mut answers).await, ServingStatus::Serving);
}

#[tokio::test]
async fn watch_of_an_unknown_service_says_so_and_waits_for_it() {
    let management = Management::builder("orders").build().unwrap();
    let mut client = client(&management).await;
    let mut answers = client.watch(asks("db")).await.unwrap().into_inner();
    assert_eq!(next(&mut answers).await, ServingStatus::ServiceUnknown);
    management.put(switched().0).unwrap();
    assert_eq!(next(&mut answers).await, ServingStatus::Serving);
}

#[tokio::test]
async fn watch_of_a_check_that_changes_with_each_run_is_no_storm() {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let flaps = move || {
        let run = count.fetch_add(1, Ordering::SeqCst);
        async move { run.is_multiple_of(2) }
    };
    let management = Management::builder("orders")
        .check("db", flaps)
        .build()
        .unwrap();
    let mut client = client(&management).await;
    let started = Instant::now();
    let mut answers = client.watch(asks("db")).await.unwrap().into_inner();
    for _ in 0..3 {
        next(&mut answers).await;
    }
    let least = grpc::WATCH_PAUSE * 2;
    assert!(started.elapsed() >= least, "{:?}", started.elapsed());
    assert!(runs.load(Ordering::SeqCst) >= 3);
}
