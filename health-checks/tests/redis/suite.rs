//! What every check has to stand, with each kind of connection.

use std::{sync::Arc, time::Duration};

use check_testing::{Mode, Relay, Subject, Suite, eventually, servers::redis::Redis as Server};
use health_checks::Redis;
use health_core::Status;
use redis::{
    Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use crate::{alone, ask, assert_down, assert_up, text};

const PASSWORD: &str = "s3cret-of-redis";

#[test]
fn own_connection() {
    alone(async {
        let mut server = Server::start(&["--requirepass", PASSWORD]);
        let address = server.address();
        Suite::new(address, async |address| {
            let check = Redis::connect(format!("redis://:{PASSWORD}@{address}/1")).unwrap();
            Arc::new(check) as Arc<dyn Subject>
        })
        .secret(PASSWORD)
        .secret("s3cret-and-wrong")
        .down(
            "wrong password",
            Redis::connect(format!("redis://u:s3cret-and-wrong@{address}")).unwrap(),
        )
        .down(
            "no password",
            Redis::connect(format!("redis://{address}")).unwrap(),
        )
        .down(
            "TLS",
            Redis::connect(format!("rediss://:{PASSWORD}@{address}")).unwrap(),
        )
        .down(
            "no such database",
            Redis::connect(format!("redis://:{PASSWORD}@{address}/999")).unwrap(),
        )
        .restart(&mut server)
        .run()
        .await;
    });
}

#[test]
fn connection_of_the_application() {
    alone(async {
        let mut server = Server::start(&["--requirepass", PASSWORD]);
        Suite::new(server.address(), async |address| {
            let client = Client::open(format!("redis://:{PASSWORD}@{address}")).unwrap();
            let config = ConnectionManagerConfig::new()
                .set_max_delay(Duration::from_millis(100))
                .set_number_of_retries(2);
            let connection = ConnectionManager::new_with_config(client, config);
            Arc::new(Redis::new(connection.await.unwrap())) as Arc<dyn Subject>
        })
        .secret(PASSWORD)
        .restart(&mut server)
        .run()
        .await;
    });
}

#[test]
fn a_multiplexed_connection_says_that_it_does_not_come_back() {
    alone(async {
        let server = Server::start(&[]);
        let relay = Relay::to(server.address());
        let client = Client::open(format!("redis://{}", relay.address())).unwrap();
        let check = Redis::new(client.get_multiplexed_async_connection().await.unwrap());
        assert_up(&ask(&check).await);
        drop(relay);
        assert_down(&ask(&check).await, "does not come back");
    });
}

#[test]
fn a_connection_that_is_opened_again_says_so() {
    alone(async {
        let server = Server::start(&[]);
        let relay = Relay::to(server.address());
        let client = Client::open(format!("redis://{}", relay.address())).unwrap();
        let check = Redis::new(client.get_connection_manager().await.unwrap());
        assert_up(&ask(&check).await);
        relay.set(Mode::Refuse);
        eventually("it waits", Duration::from_secs(30), async || {
            text(&ask(&check).await, "error").contains("may be trying to connect again")
        })
        .await;
        relay.set(Mode::Pass);
        eventually("it is back", Duration::from_secs(30), async || {
            *ask(&check).await.status() == Status::UP
        })
        .await;
    });
}

#[test]
fn a_connection_that_the_server_gave_up_is_no_failure() {
    alone(async {
        let server = Server::start(&[]);
        let relay = Relay::to(server.address());
        let check = Redis::connect(format!("redis://{}", relay.address())).unwrap();
        for runs in 1..4 {
            assert_up(&ask(&check).await);
            assert_up(&ask(&check).await);
            assert_eq!(relay.accepted(), runs);
            server.command(&["CLIENT", "KILL", "TYPE", "normal"]);
        }
    });
}
