//! The shared client on several runtimes. A connection belongs to the runtime that opened it.

use std::{
    net::SocketAddr,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use health_core::{Check, Status};
use tokio::runtime::{Builder, Runtime};

use crate::{
    http,
    server::{Server, response},
};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Starts a server on a runtime of its own, which lives as long as the returned value.
fn server() -> (Runtime, Server) {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = runtime.block_on(Server::answering(|_| response(200, "", "x")));
    (runtime, server)
}

fn is_up(runtime: &Runtime, address: SocketAddr) -> bool {
    runtime.block_on(async {
        let check = http(&format!("http://{address}/"));
        let checked = tokio::time::timeout(Duration::from_secs(5), check.check()).await;
        *checked.unwrap().unwrap().status() == Status::UP
    })
}

#[test]
fn one_after_another() {
    let (_running, server) = server();
    for run in 0..5 {
        assert!(is_up(&current_thread(), server.address), "runtime {run}");
    }
}

#[test]
fn one_that_is_not_driven_any_more() {
    let (_running, server) = server();
    let idle = current_thread();
    assert!(is_up(&idle, server.address));
    assert!(
        is_up(&current_thread(), server.address),
        "the connection of the idle runtime was taken"
    );
    assert!(
        is_up(&idle, server.address),
        "its own connection works again"
    );
    assert_eq!(server.accepted(), 2);
}

#[test]
fn many_at_once() {
    const RUNTIMES: usize = 8;
    let (_running, server) = server();
    let start = Arc::new(Barrier::new(RUNTIMES));
    let address = server.address;
    let threads: Vec<_> = (0..RUNTIMES)
        .map(|_| {
            let start = Arc::clone(&start);
            thread::spawn(move || {
                let runtime = current_thread();
                start.wait();
                (0..20).all(|_| is_up(&runtime, address))
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().unwrap());
    }
    assert_eq!(
        server.accepted(),
        RUNTIMES,
        "each has its own connection, and keeps it"
    );
}

#[test]
fn more_than_are_kept() {
    let (_running, server) = server();
    let runtimes: Vec<Runtime> = (0..70).map(|_| current_thread()).collect();
    for runtime in runtimes.iter().chain(&runtimes) {
        assert!(is_up(runtime, server.address));
    }
}

#[test]
fn no_runtime_is_an_error_and_no_panic() {
    let check = http("http://127.0.0.1:1/");
    let mut future = check.check();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Ok(health)) = future.as_mut().poll(&mut context) else {
        panic!("not ready at once");
    };
    let error = crate::detail(&health, "error");
    assert!(
        error.starts_with("the HTTP client cannot be used: "),
        "{error}"
    );
}
