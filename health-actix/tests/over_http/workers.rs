//! Several workers, each with a runtime of one thread, and one engine between them.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use actix_web::{App, HttpServer};
use health_actix::{Endpoints, Management};
use tokio::sync::Semaphore;

use crate::support::Server;

const WORKERS: usize = 3;
const ASKERS: usize = 4 * WORKERS;

/// Who has been asked for what.
type Asked = Arc<Mutex<Vec<(String, ThreadId)>>>;

fn workers_asked_for(asked: &Asked, path: &str) -> (usize, usize) {
    let asked = asked.lock().unwrap();
    let threads: Vec<_> = asked
        .iter()
        .filter(|(other, _)| other == path)
        .map(|(_, id)| id)
        .collect();
    (
        threads.len(),
        threads.into_iter().collect::<HashSet<_>>().len(),
    )
}

#[test]
fn questions_to_several_workers_are_one_run() {
    let gate = Arc::new(Semaphore::new(0));
    let runs = Arc::new(AtomicUsize::new(0));
    let asked = Asked::default();
    let management = Management::builder("orders")
        .deadline(Duration::from_secs(10))
        .check("gated", {
            let (gate, runs) = (gate.clone(), runs.clone());
            move || {
                runs.fetch_add(1, Ordering::SeqCst);
                let gate = gate.clone();
                async move { gate.acquire().await.is_ok() }
            }
        })
        .build()
        .unwrap();
    let endpoints = Endpoints::new(&management).identify({
        let asked = asked.clone();
        move |request| {
            asked
                .lock()
                .unwrap()
                .push((request.path().to_owned(), thread::current().id()));
            None
        }
    });
    let server = Server::start(move |listener| {
        HttpServer::new(move || App::new().service(endpoints.clone()))
            .workers(WORKERS)
            .disable_signals()
            .listen(listener)
            .unwrap()
            .run()
    });
    let mut connections: Vec<_> = (0..ASKERS).map(|_| server.connect()).collect();
    for connection in &mut connections {
        connection.send("GET", "/z/health/gated", &[]);
    }
    while workers_asked_for(&asked, "/z/health/gated").0 < ASKERS {
        thread::yield_now();
    }
    // A worker that answers this has begun to answer all that it was asked before.
    while workers_asked_for(&asked, "/z/version").1 < WORKERS {
        server.get("/z/version");
    }
    gate.add_permits(ASKERS);
    for connection in &mut connections {
        let answer = connection.receive(false);
        assert_eq!(
            (answer.code, answer.body.as_str()),
            (200, r#"{"status":"UP"}"#)
        );
    }
    assert_eq!(
        workers_asked_for(&asked, "/z/health/gated"),
        (ASKERS, WORKERS)
    );
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}
