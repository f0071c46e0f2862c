//! RabbitMQ against real brokers: one without TLS, and one with it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what goes wrong here is a failed test"
)]

mod broker;
mod strangers;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use check_testing::{Authority, Subject, Suite, servers::rabbitmq};
use health_checks::{Queue, RabbitMq, Tls};
use health_core::{Check, Component, Management, Request, Show};
use serde_json::Value;

/// Longer than any broker takes to answer, however busy the machine is.
const PATIENT: Duration = Duration::from_secs(20);

fn check(address: SocketAddr) -> RabbitMq {
    RabbitMq::connect(format!("amqp://shop:s3cret-of-shop@{address}/%2f")).unwrap()
}

/// Asks through an engine, and returns the answer with all details.
async fn ask(check: impl Into<Arc<RabbitMq>>) -> Value {
    ask_within(PATIENT, check).await
}

async fn ask_within(deadline: Duration, check: impl Into<Arc<RabbitMq>>) -> Value {
    let check: Arc<dyn Check> = check.into();
    let management = Management::builder("test")
        .component(Component::new("it", check).ttl(Duration::ZERO))
        .deadline(deadline)
        .show_details(Show::Always)
        .build()
        .unwrap();
    let headers = axum::http::HeaderMap::new();
    let request = Request::new("GET", "/z/health/it", &headers);
    let reply = management.respond(&request).await;
    serde_json::from_slice(reply.body()).unwrap()
}

/// All in one test: the suite counts what the process holds, and kills the broker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_is_checked() {
    let mut server = rabbitmq::RabbitMq::start();
    server.control(&["add_user", "shop", "s3cret-of-shop"]);
    server.control(&[
        "set_permissions",
        "shop",
        "^orders|^amq.default$",
        "^orders|^amq.default$",
        "^orders",
    ]);

    strangers::are_told_apart().await;
    broker::queues(&server).await;
    broker::refusals(&server).await;
    broker::connection_of_the_application(&server).await;
    broker::runs_that_are_dropped_leave_the_connection(&server).await;
    broker::refusals_do_not_use_up_the_channels(&server).await;
    broker::one_connection_is_kept(&server).await;
    broker::one_thread(&server).await;
    broker::alarm(&server).await;

    let authority = Authority::new("private");
    let identity = authority.sign(&["localhost", "127.0.0.1"]);
    let secured = rabbitmq::RabbitMq::start_tls(&identity);
    broker::tls(&secured, &authority).await;

    let address = server.address();
    let secured_address = secured.address();
    let make = async |address: SocketAddr| {
        Arc::new(check(address).queue(Queue::new("orders"))) as Arc<dyn Subject>
    };
    let wrong = RabbitMq::connect(format!("amqp://shop:s3cret-and-wrong@{address}")).unwrap();
    let missing = RabbitMq::connect(format!("amqp://shop:s3cret-of-shop@{address}/s")).unwrap();
    let foreign = RabbitMq::connect(format!("amqps://guest:guest@{secured_address}")).unwrap();
    let foreign_ca = Tls::new().ca(Authority::new("other").pem()).unwrap();
    Suite::new(address, make)
        .deadline(Duration::from_secs(3))
        .secret("s3cret")
        .down("wrong password", wrong)
        .down("no such virtual host", missing)
        .down("no TLS towards TLS", check(secured_address))
        .down("another authority", foreign.tls(foreign_ca).unwrap())
        .restart(&mut server)
        .run()
        .await;
}
