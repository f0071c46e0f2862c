//! Workers on RabbitMQ.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use check_testing::{
    Subject, Suite, eventually,
    servers::{
        celery::{Application, Fleet},
        rabbitmq::RabbitMq,
    },
};
use health_checks::Celery;
use health_core::Check;
use lapin::{Connection, ConnectionProperties};

use crate::{DEADLINE, NAMES, PATIENT, RUNS, SHORT, ask, workers};

fn url(address: SocketAddr) -> String {
    format!("amqp://shop:s3cret@{address}//")
}

fn check(address: SocketAddr) -> Celery {
    Celery::new(url(address)).unwrap()
}

pub(crate) async fn workers() {
    let mut server = RabbitMq::start();
    server.control(&["add_user", "shop", "s3cret"]);
    server.control(&["set_permissions", "shop", ".*", ".*", ".*"]);
    let address = server.address();
    let application = Application::new(url(address));

    for check in [check(address), check(address).worker("w1@here")] {
        let answer = ask(SHORT, check).await;
        let error = &answer["details"]["error"];
        assert_eq!(error, "no worker is connected to the broker", "{answer}");
    }
    assert_eq!(exchanges(&server), [""; 0]);

    let [first, second] = application.start(NAMES);
    workers::are_well(|| check(address)).await;
    let silent = "the worker is connected to the broker, and gave no answer within ";
    workers::one_is_stopped(|| check(address), &second, silent).await;
    let both = [first, second];
    let told = "workers are connected, and none answered within ";
    workers::all_are_stopped(|| check(address), &both, told).await;
    over_application(address).await;
    let [first, second] = both;
    drop(second);
    workers::one_is_dead(|| check(address)).await;
    least_permissions(&server).await;

    let [second] = application.start([NAMES[1]]);
    let fleet = [first, second];
    workers::are_there(|| check(address), 2).await;
    let make = async |address: SocketAddr| {
        Arc::new(check(address).worker(NAMES[0]).worker(NAMES[1])) as Arc<dyn Subject>
    };
    let wrong = Celery::new(format!("amqp://shop:s3cret-and-wrong@{address}")).unwrap();
    let secured = Celery::new(format!("amqps://shop:s3cret@{address}")).unwrap();
    Suite::new(address, make)
        .secret("s3cret")
        .deadline(DEADLINE)
        .runs(RUNS)
        .down("wrong password", wrong)
        .down("TLS towards none", secured)
        .restart(&mut Fleet::new(&mut server, &fleet))
        .run()
        .await;
    eventually("nothing is left", Duration::from_secs(20), async || {
        queues(&server).iter().all(|queue| !queue.contains("reply"))
    })
    .await;
}

async fn over_application(address: SocketAddr) {
    let properties = ConnectionProperties::default();
    let connection = Connection::connect(&url(address), properties)
        .await
        .unwrap();
    let connection = Arc::new(connection);
    let check = Arc::new(Celery::over(Arc::clone(&connection)).min_workers(2));
    for _ in 0..3 {
        let answer = ask(PATIENT, Arc::clone(&check)).await;
        assert_eq!(answer["status"], "UP", "{answer}");
    }
    let long = "w".repeat(250);
    let missing = Celery::over(Arc::clone(&connection))
        .worker("w3@here")
        .worker(&long);
    let missing = Arc::new(missing);
    for number in 0..100 {
        let after = Duration::from_micros(number * 50);
        let _ = tokio::time::timeout(after, missing.check()).await;
    }
    let answer = ask(SHORT, Arc::clone(&missing)).await;
    for name in ["w3@here", &long] {
        assert_eq!(
            answer["components"][name]["details"]["error"],
            "the worker is not connected to the broker",
            "{answer}"
        );
    }
    let answer = ask(SHORT, missing_exchange(&connection)).await;
    assert_eq!(
        answer["details"]["error"], "the name has 263 bytes, at most 255 are possible",
        "{answer}"
    );
    connection.close(200, "OK".into()).await.unwrap();
    let answer = ask(PATIENT, check).await;
    assert_eq!(
        answer["details"]["error"], "the connection is closed",
        "{answer}"
    );
}

fn missing_exchange(connection: &Arc<Connection>) -> Celery {
    Celery::over(Arc::clone(connection)).control_exchange("x".repeat(256))
}

/// The permissions that the documentation names are enough, and without them it is said.
async fn least_permissions(server: &RabbitMq) {
    let address = server.address();
    server.control(&["add_user", "watcher", "s3cret"]);
    let check = || {
        let uri = format!("amqp://watcher:s3cret@{address}");
        Celery::new(uri).unwrap().worker(NAMES[0]).worker(NAMES[1])
    };
    let own = r"^[0-9a-f-]+\.reply\.celery\.pidbox$";
    let reply = r"reply\.celery\.pidbox$";
    let configure = reply;
    let write = format!(r"{own}|^celery\.pidbox$");
    let read = reply;
    server.control(&["set_permissions", "watcher", configure, &write, read]);
    let answer = ask(SHORT, check()).await;
    assert_eq!(answer["components"][NAMES[0]]["status"], "UP", "{answer}");
    let missing = &answer["components"][NAMES[1]]["details"]["error"];
    assert_eq!(
        missing, "the worker is not connected to the broker",
        "{answer}"
    );

    server.control(&["set_permissions", "watcher", "", "", ""]);
    let answer = ask(SHORT, check()).await;
    let error = answer["details"]["error"].as_str().unwrap();
    assert!(error.starts_with("access refused (403)"), "{answer}");
}

fn queues(server: &RabbitMq) -> Vec<String> {
    let listed = server.control(&["list_queues", "name", "--no-table-headers"]);
    listed.lines().map(str::to_owned).collect()
}

fn exchanges(server: &RabbitMq) -> Vec<String> {
    let listed = server.control(&["list_exchanges", "name", "--no-table-headers"]);
    let pidbox = listed.lines().filter(|name| name.contains("pidbox"));
    pidbox.map(str::to_owned).collect()
}
