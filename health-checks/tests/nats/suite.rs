//! What every check has to stand, with each kind of connection.

use std::{sync::Arc, time::Duration};

use async_nats::ConnectOptions;
use check_testing::{Subject, Suite, servers::nats::Nats as Server};
use health_checks::Nats;

use crate::alone;

const PASSWORD: &str = "s3cret-of-nats";

fn server() -> Server {
    Server::start(&["-js", "--user", "app", "--pass", PASSWORD])
}

#[test]
fn own_connection() {
    alone(async {
        let mut server = server();
        let address = server.address();
        Suite::new(address, async |address| {
            let check = Nats::connect(format!("nats://app:{PASSWORD}@{address}"));
            Arc::new(check.unwrap().jetstream()) as Arc<dyn Subject>
        })
        .secret(PASSWORD)
        .secret("s3cret-and-wrong")
        .down(
            "wrong password",
            Nats::connect(format!("nats://app:s3cret-and-wrong@{address}")).unwrap(),
        )
        .down(
            "no password",
            Nats::connect(format!("nats://{address}")).unwrap(),
        )
        .down(
            "TLS",
            Nats::connect(format!("tls://app:{PASSWORD}@{address}")).unwrap(),
        )
        .restart(&mut server)
        .run()
        .await;
    });
}

#[test]
fn client_of_the_application() {
    alone(async {
        let mut server = server();
        Suite::new(server.address(), async |address| {
            let client = ConnectOptions::with_user_and_password("app".into(), PASSWORD.into())
                .reconnect_delay_callback(|_| Duration::from_millis(20))
                .connection_timeout(Duration::from_millis(200))
                .ping_interval(Duration::from_millis(100))
                .max_reconnects(200)
                .connect(address.to_string())
                .await;
            Arc::new(Nats::new(client.unwrap())) as Arc<dyn Subject>
        })
        .secret(PASSWORD)
        .restart(&mut server)
        .run()
        .await;
    });
}
