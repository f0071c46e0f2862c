//! Redis, Valkey and RabbitMQ.

use check_testing::{
    Folder, Mode, Relay, free_port,
    servers::{rabbitmq::RabbitMq, redis::Redis},
};

use crate::asked::{Application, ENCODED_PASSWORD, PASSWORD, USER};

#[tokio::test(flavor = "multi_thread")]
async fn redis_and_valkey_are_followed() {
    let mut server = Redis::start(&["--requirepass", PASSWORD]);
    let (address, gone) = (server.address(), free_port());
    let application = Application::of(&[
        (
            "REDIS_DB_CONNECT_STRING",
            format!("redis://:{PASSWORD}@{address}"),
        ),
        (
            "ENCODED_REDIS_DB_CONNECT_STRING",
            format!("redis://default:{ENCODED_PASSWORD}@{address}/1"),
        ),
        (
            "HA_REDIS_DB_CONNECT_STRING",
            format!("redis://:{PASSWORD}@127.0.0.1:{gone},{address}/0"),
        ),
        (
            "VALKEY_DB_CONNECT_STRING",
            format!("valkey://default:{PASSWORD}@{address}"),
        ),
    ]);
    let names = ["redis", "redis_encoded", "redis_ha", "valkey"];
    application.assert_follows(&names, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_of_the_platform_has_no_password() {
    let mut server = Redis::start(&[]);
    let application = Application::of(&[(
        "REDIS_DB_CONNECT_STRING",
        format!("redis://{}", server.address()),
    )]);
    application.assert_follows(&["redis"], &mut server).await;
}

/// A host that is silent does not hide one that answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_host_is_told_in_time() {
    let server = Redis::start(&[]);
    let silent = Relay::to(server.address());
    silent.set(Mode::BlackHole);
    let (silent, address) = (silent.address(), server.address());
    let application = Application::of(&[(
        "REDIS_DB_CONNECT_STRING",
        format!("redis://{silent},{address}"),
    )]);
    let health = application.health("redis").await;
    assert_eq!(health["status"], "UP", "{health}");
    let silent = &health["components"][silent.to_string()];
    assert_eq!(silent["status"], "DOWN", "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_of_redis_are_asked() {
    let folder = Folder::new("redis socket");
    let path = folder.file("redis.sock");
    let arguments = ["--unixsocket", path.as_str(), "--requirepass", PASSWORD];
    let mut server = Redis::start(&arguments);
    let application = Application::of(&[(
        "REDIS_DB_CONNECT_STRING",
        format!("unix://:{ENCODED_PASSWORD}@{path}"),
    )]);
    application.assert_follows(&["redis"], &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_is_followed() {
    let mut server = RabbitMq::start();
    server.control(&["add_user", USER, PASSWORD]);
    server.control(&["set_permissions", "-p", "/", USER, ".*", ".*", ".*"]);
    let (address, gone) = (server.address(), free_port());
    let one = format!("amqp://{USER}:{PASSWORD}@{address}/%2F");
    let application = Application::of(&[
        ("RABBITMQ_CONNECT_STRING", one.clone()),
        (
            "ENCODED_RABBITMQ_CONNECT_STRING",
            format!("amqp://{USER}:{ENCODED_PASSWORD}@{address}"),
        ),
        ("HA_RABBITMQ_CONNECT_STRING", one.clone()),
        (
            "HA_RABBITMQ_CONNECT_STRINGS",
            format!("amqp://{USER}:{PASSWORD}@127.0.0.1:{gone}/%2F,{one}"),
        ),
    ]);
    let names = ["rabbitmq", "rabbitmq_encoded", "rabbitmq_ha"];
    application.assert_up(&names).await;
    let several = application.health("rabbitmq_ha").await;
    let members = &several["components"];
    assert_eq!(members[address.to_string()]["status"], "UP", "{several}");
    let gone = &members[format!("127.0.0.1:{gone}")];
    assert_eq!(gone["status"], "DOWN", "{several}");
    application.assert_follows(&names, &mut server).await;
}
