//! Many probes and pages at once, on connections that stay open.

use std::{collections::BTreeMap, net::SocketAddr};

use health_rocket::Management;
use rocket::routes;

use crate::{
    captured::{Captured, logging},
    support::{Client, serve},
};

const CLIENTS: usize = 32;
const ROUNDS: usize = 10;

#[rocket::get("/")]
async fn index() -> &'static str {
    tokio::task::yield_now().await;
    "hello"
}

/// What a client asks in each round, and whether a line is left of it.
const ROUND: [(&str, &str, u16, bool); 8] = [
    ("GET", "/z/health/liveness", 200, false),
    ("GET", "/", 200, true),
    ("GET", "/z/health/slow", 200, false),
    ("GET", "/z/health/down", 503, true),
    ("HEAD", "/z/health/slow", 200, false),
    ("GET", "/nothing", 404, true),
    ("POST", "/z/health/slow", 405, true),
    ("GET", "/healthz/live", 200, false),
];

fn orders() -> Management {
    Management::builder("orders")
        .check("down", || async { false })
        .check("slow", || async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            true
        })
        .healthz("live", || async { true })
        .build()
        .unwrap()
}

/// Asks everything in turn; each request can be told by its query.
async fn run(server: SocketAddr, client: usize) {
    let mut connection = Client::connect(server).await;
    for round in 0..ROUNDS {
        for offset in 0..ROUND.len() {
            let (method, path, code, _) = ROUND[(client + offset) % ROUND.len()];
            let answer = connection
                .ask(method, &format!("{path}?{client}.{round}"))
                .await;
            assert_eq!(answer.code, code, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mixed_load_leaves_one_set_of_lines_for_each_request_but_successful_probes() {
    let captured = Captured::start().await;
    let management = orders();
    let app = logging()
        .mount("/", routes![index])
        .attach(health_rocket::endpoints(&management));
    let server = serve(app).await;

    // What Rocket writes on each, once.
    let mut expected = BTreeMap::new();
    management.no_log().set_enabled(false);
    for (method, path, _, _) in ROUND {
        captured.clear();
        Client::connect(server)
            .await
            .ask(method, &format!("{path}?x"))
            .await;
        let [set] = captured.until_complete(1).await.try_into().unwrap();
        expected.insert(format!("{method} {path}"), set);
    }
    management.no_log().set_enabled(true);
    captured.clear();

    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(run(server, client)))
        .collect();
    for client in clients {
        client.await.unwrap();
    }

    let logged: Vec<_> = ROUND.iter().filter(|(.., is_logged)| *is_logged).collect();
    let left_out = ((ROUND.len() - logged.len()) * CLIENTS * ROUNDS) as u64;
    captured
        .until("the probes", |_| management.no_log().left_out() == left_out)
        .await;
    let sets = captured
        .until_complete(logged.len() * CLIENTS * ROUNDS)
        .await;

    let mut seen = BTreeMap::new();
    for set in sets {
        let (head, tag) = set[0].trim_end_matches(':').split_once('?').unwrap();
        let request = head.rsplit_once(": ").unwrap().1;
        let with_tag = |line: &String| line.replace("?x", &format!("?{tag}"));
        let whole: Vec<_> = expected[request].iter().map(with_tag).collect();
        assert_eq!(set, whole);
        let is_new = seen
            .insert((request.to_owned(), tag.to_owned()), ())
            .is_none();
        assert!(is_new, "{request} {tag} twice");
    }
    for (method, path, ..) in logged {
        let sets = seen
            .keys()
            .filter(|(request, _)| *request == format!("{method} {path}"));
        assert_eq!(sets.count(), CLIENTS * ROUNDS, "{method} {path}");
    }
    assert_eq!(seen.len(), 4 * CLIENTS * ROUNDS);
}
