//! What a real broker is asked, and what is made of its answers.

use std::{sync::Arc, time::Duration};

use check_testing::{Authority, Relay, eventually, servers::rabbitmq};
use health_checks::{Queue, RabbitMq, Tls};
use health_core::Check;
use lapin::{
    BasicProperties, Connection, ConnectionProperties,
    options::{BasicConsumeOptions, BasicPublishOptions, QueueDeclareOptions},
    types::FieldTable,
};
use serde_json::json;

use crate::{ask, check};

const OF_SHOP: &str = "shop:s3cret-of-shop";

async fn connect(server: &rabbitmq::RabbitMq) -> Connection {
    connect_with(server, "").await
}

async fn connect_with(server: &rabbitmq::RabbitMq, query: &str) -> Connection {
    let uri = format!("amqp://guest:guest@{}{query}", server.address());
    let properties = ConnectionProperties::default();
    Connection::connect(&uri, properties).await.unwrap()
}

/// Declares a queue with some messages; what is exclusive goes with the connection.
async fn declare(connection: &Connection, name: &str, messages: u32, exclusive: bool) {
    let channel = connection.create_channel().await.unwrap();
    let options = QueueDeclareOptions {
        durable: true,
        exclusive,
        ..QueueDeclareOptions::default()
    };
    let table = FieldTable::default();
    channel
        .queue_declare(name.into(), options, table)
        .await
        .unwrap();
    for _ in 0..messages {
        let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
        let properties = properties.with_delivery_mode(2);
        let sent = channel.basic_publish("".into(), name.into(), options, b"x", properties);
        sent.await.unwrap();
    }
    channel.close(200, "OK".into()).await.unwrap();
}

pub(crate) async fn queues(server: &rabbitmq::RabbitMq) {
    let connection = connect(server).await;
    declare(&connection, "orders", 3, false).await;
    declare(&connection, "secret", 0, false).await;
    declare(&connection, "mine", 0, true).await;
    let channel = connection.create_channel().await.unwrap();
    declare(&connection, "consumed", 0, false).await;
    let _consumer = channel
        .basic_consume(
            "consumed".into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();
    let guest = || RabbitMq::connect(format!("amqp://guest:guest@{}", server.address())).unwrap();

    eventually("the messages are counted", Duration::from_secs(10), async || {
        ask(guest().queue(Queue::new("orders"))).await["components"]["orders"]["details"]["messages"] == 3
    })
    .await;
    let queues = guest()
        .queue(Queue::new("orders").max_messages(2))
        .queue(Queue::new("consumed").min_consumers(1).max_messages(0))
        .queue(Queue::new("lonely"))
        .queue(Queue::new("secret").min_consumers(2))
        .queue(Queue::new("mine"));
    let answer = ask(queues).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(answer["details"]["product"], "RabbitMQ", "{answer}");
    let version = answer["details"]["version"].as_str().unwrap();
    assert!(version.split('.').count() >= 2, "{answer}");
    assert!(answer["details"]["latencyMs"].is_u64(), "{answer}");
    assert_eq!(
        answer["details"]["error"],
        "queues that are not as expected: `orders`, `lonely`, `secret`, `mine`"
    );
    let cases = [
        (
            "orders",
            json!({"status": "DOWN", "details": {"messages": 3, "consumers": 0, "maxMessages": 2, "error": "3 messages are waiting, at most 2 may be"}}),
        ),
        (
            "consumed",
            json!({"status": "UP", "details": {"messages": 0, "consumers": 1, "maxMessages": 0, "minConsumers": 1}}),
        ),
        (
            "lonely",
            json!({"status": "DOWN", "details": {"error": "there is no such queue (404)"}}),
        ),
        (
            "secret",
            json!({"status": "DOWN", "details": {"messages": 0, "consumers": 0, "minConsumers": 2, "error": "0 consumers are there, at least 2 have to be"}}),
        ),
        (
            "mine",
            json!({"status": "DOWN", "details": {"error": "the queue is in exclusive use by another connection (405)"}}),
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(answer["components"][name], expected, "{name}");
    }
    let answer = ask(guest().queue(Queue::new("orders").max_messages(3))).await;
    assert_eq!(answer["status"], "UP", "{answer}");
    let long = "q".repeat(256);
    let answer = ask(guest().queue(Queue::new(&long)).queue(Queue::new("orders"))).await;
    assert_eq!(
        answer["components"][&long]["details"]["error"],
        "the name has 256 bytes, at most 255 are possible"
    );
    assert_eq!(answer["components"]["orders"]["status"], "UP", "{answer}");
    connection.close(200, "OK".into()).await.unwrap();
}

pub(crate) async fn refusals(server: &rabbitmq::RabbitMq) {
    server.control(&["add_vhost", "closed"]);
    let address = server.address();
    let answer = ask(check(address).queue(Queue::new("secret"))).await;
    assert_eq!(answer["status"], "UP", "no permission is needed: {answer}");
    let cases = [
        (
            "wrong password",
            format!("amqp://shop:s3cret-and-wrong@{address}"),
            "authentication failed: wrong user or password (403)",
        ),
        (
            "no such user",
            format!("amqp://nobody:s3cret@{address}"),
            "authentication failed: wrong user or password (403)",
        ),
        (
            "no such virtual host",
            format!("amqp://{OF_SHOP}@{address}/none"),
            "the virtual host is missing or closed to this user (530): NOT_ALLOWED - vhost none not found",
        ),
        (
            "a closed virtual host",
            format!("amqp://{OF_SHOP}@{address}/closed"),
            "the virtual host is missing or closed to this user (530): NOT_ALLOWED - access to vhost 'closed' refused for user 'shop'",
        ),
    ];
    for (name, uri, expected) in cases {
        let answer = ask(RabbitMq::connect(uri).unwrap()).await;
        assert_eq!(answer["status"], "DOWN", "{name}: {answer}");
        assert_eq!(answer["details"]["error"], expected, "{name}");
    }
}

pub(crate) async fn connection_of_the_application(server: &rabbitmq::RabbitMq) {
    let connection = Arc::new(connect(server).await);
    let check = Arc::new(
        RabbitMq::new(Arc::clone(&connection))
            .queue(Queue::new("none"))
            .queue(Queue::new("orders")),
    );
    for _ in 0..3 {
        let answer = ask(Arc::clone(&check)).await;
        assert_eq!(answer["status"], "DOWN", "{answer}");
        assert_eq!(answer["components"]["orders"]["status"], "UP", "{answer}");
        assert_eq!(answer["details"].get("version"), None, "{answer}");
    }
    eventually("no channel is left", Duration::from_secs(20), async || {
        let channels = server.control(&["list_connections", "user", "channels"]);
        channels.lines().any(|line| line == "guest\t0")
    })
    .await;
    connection.close(200, "OK".into()).await.unwrap();
    let answer = ask(check).await;
    assert_eq!(
        answer["details"]["error"], "the connection is closed",
        "{answer}"
    );
}

/// lapin gives up a connection of which a channel is closed while its refusal is on the way.
pub(crate) async fn runs_that_are_dropped_leave_the_connection(server: &rabbitmq::RabbitMq) {
    let connection = Arc::new(connect(server).await);
    let channel = connection.create_channel().await.unwrap();
    let check = Arc::new(
        RabbitMq::new(Arc::clone(&connection))
            .queue(Queue::new("none"))
            .queue(Queue::new("orders")),
    );
    for number in 0..300 {
        let after = Duration::from_micros(number * 10);
        let _ = tokio::time::timeout(after, check.check()).await;
    }
    let answer = ask(Arc::clone(&check)).await;
    assert_eq!(answer["components"]["orders"]["status"], "UP", "{answer}");
    assert!(channel.status().connected());
    channel.close(200, "OK".into()).await.unwrap();
    eventually("no channel is left", Duration::from_secs(20), async || {
        let channels = server.control(&["list_connections", "user", "channels"]);
        channels.lines().any(|line| line == "guest\t0")
    })
    .await;
    connection.close(200, "OK".into()).await.unwrap();
}

/// lapin lets nobody use the number of a channel again which the broker closed.
pub(crate) async fn refusals_do_not_use_up_the_channels(server: &rabbitmq::RabbitMq) {
    const FEW: &str = "?channel_max=20";
    let connection = Arc::new(connect_with(server, FEW).await);
    let uri = format!("amqp://guest:guest@{}{FEW}", server.address());
    let over = RabbitMq::new(Arc::clone(&connection)).queue(Queue::new("none"));
    let own = RabbitMq::connect(uri).unwrap().queue(Queue::new("none"));
    for (name, check) in [("over", Arc::new(over)), ("own", Arc::new(own))] {
        for number in 0..100 {
            let answer = ask(Arc::clone(&check)).await;
            assert_eq!(
                answer["components"]["none"]["details"]["error"], "there is no such queue (404)",
                "{name}, run {number}: {answer}"
            );
        }
    }
    for _ in 0..100 {
        let channel = connection.create_channel().await.unwrap();
        channel.close(200, "OK".into()).await.unwrap();
    }
    connection.close(200, "OK".into()).await.unwrap();
}

pub(crate) async fn one_connection_is_kept(server: &rabbitmq::RabbitMq) {
    let relay = Relay::to(server.address());
    let check = Arc::new(check(relay.address()).queue(Queue::new("none")));
    for _ in 0..20 {
        let answer = ask(Arc::clone(&check)).await;
        assert_eq!(answer["status"], "DOWN", "{answer}");
    }
    assert_eq!((relay.accepted(), relay.open()), (1, 1));
    server.control(&["close_all_connections", "for the test"]);
    eventually(
        "the connection is closed",
        Duration::from_secs(20),
        async || relay.open() == 0,
    )
    .await;
    let answer = ask(Arc::clone(&check)).await;
    assert!(answer["details"]["version"].is_string(), "{answer}");
    assert_eq!(relay.accepted(), 2);
    drop(check);
    eventually(
        "the connection is let go",
        Duration::from_secs(20),
        async || relay.open() == 0,
    )
    .await;
}

/// A runtime with one thread drives the connection too.
pub(crate) async fn one_thread(server: &rabbitmq::RabbitMq) {
    let check = check(server.address());
    let asking = std::thread::spawn(|| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().unwrap();
        runtime.block_on(ask(check))
    });
    let answer = tokio::task::spawn_blocking(|| asking.join().unwrap())
        .await
        .unwrap();
    assert_eq!(answer["status"], "UP", "{answer}");
}

pub(crate) async fn alarm(server: &rabbitmq::RabbitMq) {
    let refused = Arc::new(
        RabbitMq::connect(format!("amqp://guest:guest@{}", server.address()))
            .unwrap()
            .publishing()
            .unwrap(),
    );
    let application = Arc::new(connect(server).await);
    let over_application = Arc::new(RabbitMq::new(Arc::clone(&application)));
    assert_eq!(ask(Arc::clone(&refused)).await["status"], "UP");

    server.control(&["set_vm_memory_high_watermark", "0"]);
    eventually(
        "the broker takes no messages",
        Duration::from_secs(20),
        async || ask(Arc::clone(&refused)).await["status"] == "OUT_OF_SERVICE",
    )
    .await;
    let answer = ask(Arc::clone(&refused)).await;
    assert_eq!(
        answer["details"]["error"],
        "the broker takes no messages: low on memory"
    );
    assert_eq!(ask(Arc::clone(&over_application)).await["status"], "UP");
    let channel = application.create_channel().await.unwrap();
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    let sent = channel.basic_publish("".into(), "orders".into(), options, b"x", properties);
    sent.await.unwrap();
    eventually(
        "the application is blocked",
        Duration::from_secs(20),
        async || application.status().blocked(),
    )
    .await;
    let answer = ask(Arc::clone(&over_application)).await;
    assert_eq!(answer["status"], "OUT_OF_SERVICE", "{answer}");
    assert_eq!(
        answer["details"]["error"],
        "the broker takes no messages: the connection is blocked"
    );

    server.control(&["set_vm_memory_high_watermark", "0.8"]);
    eventually(
        "the broker takes messages again",
        Duration::from_secs(20),
        async || {
            ask(Arc::clone(&refused)).await["status"] == "UP"
                && ask(Arc::clone(&over_application)).await["status"] == "UP"
        },
    )
    .await;
    assert!(
        RabbitMq::new(Arc::clone(&application))
            .publishing()
            .is_err()
    );
    let with_permission = check(server.address()).publishing().unwrap();
    assert_eq!(ask(with_permission).await["status"], "UP");
    server.control(&["set_permissions", "shop", "^orders", "^orders", "^orders"]);
    let answer = ask(check(server.address()).publishing().unwrap()).await;
    let told = answer["details"]["error"].as_str().unwrap();
    assert!(told.starts_with("access refused (403)"), "{answer}");
    channel.close(200, "OK".into()).await.unwrap();
    application.close(200, "OK".into()).await.unwrap();
}

pub(crate) async fn tls(secured: &rabbitmq::RabbitMq, authority: &Authority) {
    let ours = Tls::new().ca(authority.pem()).unwrap();
    let address = secured.address();
    let at = |host: String| RabbitMq::connect(format!("amqps://guest:guest@{host}")).unwrap();
    let by_name = format!("localhost:{}", address.port());
    let cases = [
        (
            "by address",
            at(address.to_string()).tls(ours.clone()),
            "UP",
            "",
        ),
        ("by name", at(by_name).tls(ours), "UP", ""),
        (
            "system's authorities",
            Ok(at(address.to_string())),
            "DOWN",
            "TLS failed",
        ),
        (
            "without TLS",
            Ok(check(address)),
            "DOWN",
            "the server speaks TLS; write `amqps://`",
        ),
    ];
    for (name, check, status, error) in cases {
        let answer = ask(check.unwrap()).await;
        assert_eq!(answer["status"], status, "{name}: {answer}");
        let told = answer["details"]["error"].as_str().unwrap_or_default();
        assert!(told.contains(error), "{name}: {answer}");
    }
    assert!(check(address).tls(Tls::new()).is_err());
}
