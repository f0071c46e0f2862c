//! What every check has to stand, with the application's client and with its own.

use std::{sync::Arc, time::Duration};

use check_testing::{Subject, Suite};
use health_checks::MongoDb;
use mongodb::{Client, options::ClientOptions};

use crate::{alone, server::Server};

const PASSWORD: &str = "s3cret-of-mongodb";
const OPTIONS: &str = "directConnection=true&authMechanism=PLAIN";

/// The driver looks for another server for this long, so the suite waits a little longer.
const DEADLINE: Duration = Duration::from_millis(1_500);

fn server() -> Server {
    let server = Server::start();
    server.change(|answers| answers.login = Some(("app", PASSWORD)));
    server
}

#[test]
fn own_client() {
    alone(async {
        let mut server = server();
        let address = server.address();
        let connect = |text: String| MongoDb::connect(text).unwrap();
        Suite::new(address, async |address| {
            let check = connect(format!("mongodb://app:{PASSWORD}@{address}/?{OPTIONS}"));
            Arc::new(check) as Arc<dyn Subject>
        })
        .deadline(DEADLINE)
        .secret(PASSWORD)
        .secret("s3cret-and-wrong")
        .down(
            "wrong password",
            connect(format!(
                "mongodb://app:s3cret-and-wrong@{address}/?{OPTIONS}"
            )),
        )
        .down(
            "no password",
            connect(format!("mongodb://{address}/?directConnection=true")),
        )
        .down(
            "TLS",
            connect(format!(
                "mongodb://app:{PASSWORD}@{address}/?{OPTIONS}&tls=true"
            )),
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
            let uri = format!("mongodb://app:{PASSWORD}@{address}/?{OPTIONS}");
            let mut options = ClientOptions::parse(uri).await.unwrap();
            options.server_selection_timeout = Some(Duration::from_secs(30));
            let client = Client::with_options(options).unwrap();
            Arc::new(MongoDb::new(client)) as Arc<dyn Subject>
        })
        .deadline(DEADLINE)
        .secret(PASSWORD)
        .restart(&mut server)
        .run()
        .await;
    });
}
