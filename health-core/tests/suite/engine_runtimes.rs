//! On every kind of runtime, on none, and when one goes away.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
};

use health_core::{Component, Health, Management, Show, blocking};
use tokio::runtime::{Builder, Runtime};

use crate::support::{
    BlocksThread, Hangs, Panics, Runs, after, ask, block_on, get, holds, management, ms, timed,
};

fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("a runtime")
}

fn every_kind() -> Management {
    management(|builder| {
        builder
            .deadline(ms(10_000))
            .version(async || "1.2.3")
            .check("works", async || ())
            .check("sleeps", after(ms(5)))
            .check("blocking", blocking(|| true))
            .check("fails", holds(Health::down()))
            .check("panics", Panics::InPoll)
            .component(Component::new("hangs", Hangs).deadline(ms(100)))
            .healthz("live", async || ())
            .show_details(Show::Always)
    })
}

async fn assert_answers(management: &Management) {
    let answer = get(management, "/z/health").await;
    for (name, status) in [
        ("works", "UP"),
        ("sleeps", "UP"),
        ("blocking", "UP"),
        ("fails", "DOWN"),
        ("panics", "DOWN"),
        ("hangs", "DOWN"),
    ] {
        assert_eq!(
            answer.text_at(&format!("/components/{name}/status")),
            status,
            "{name}: {answer:?}"
        );
    }
    assert_eq!(get(management, "/z/version").await.body, "1.2.3");
    assert_eq!(get(management, "/healthz/live").await.status, 200);
}

#[test]
fn every_flavour_runs_checks() {
    let management = every_kind();
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(assert_answers(&management));
    }
    current_thread().block_on(async {
        tokio::task::LocalSet::new()
            .run_until(assert_answers(&management))
            .await;
    });
}

#[test]
fn without_a_runtime_there_is_an_answer() {
    let management = every_kind();
    let answer = |path| block_on(get(&management, path));
    for (path, status) in [
        ("/z", 200),
        ("/z/info", 200),
        ("/z/health/liveness", 200),
        ("/z/health/readiness", 200),
        ("/z/health/ping", 200),
        ("/z/health/nope", 404),
        ("/z/health", 503),
        ("/z/health/works", 503),
        ("/healthz/live", 503),
        ("/z/version", 500),
    ] {
        assert_eq!(answer(path).status, status, "{path}");
    }
    let reason = answer("/z/health/works").text_at("/description");
    assert_eq!(reason, "there is no tokio runtime to run the check on");
}

#[test]
fn a_reply_can_be_awaited_outside_of_the_runtime_that_it_was_asked_on() {
    let management = management(|builder| {
        builder
            .deadline(ms(10_000))
            .version(async || "1.2.3")
            .check("sleeps", after(ms(5)))
            .component(Component::new("hangs", Hangs).deadline(ms(50)))
            .healthz("live", after(ms(5)))
    });
    let runtime = multi_thread();
    for (path, status) in [
        ("/z/health/sleeps", 200),
        ("/z/health/hangs", 503),
        ("/healthz/live", 200),
        ("/z/version", 200),
    ] {
        let guard = runtime.enter();
        let reply = ask(&management, "GET", path).send();
        drop(guard);
        assert_eq!(block_on(reply).status(), status, "{path}");
    }
}

#[test]
fn a_run_whose_runtime_was_shut_down_is_started_anew() {
    let runs = Runs::default();
    let management = management(|builder| {
        builder
            .deadline(ms(60_000))
            .check("db", runs.count(after(ms(20))))
            .show_details(Show::Always)
    });
    let gone = multi_thread();
    let question = {
        let _guard = gone.enter();
        ask(&management, "GET", "/z/health/db").send()
    };
    drop(gone);
    let runtime = current_thread();
    let answer = runtime.block_on(get(&management, "/z/health/db"));
    assert_eq!(answer.status, 200, "{answer:?}");

    let response = runtime.block_on(question);
    assert_eq!(response.status(), 503);
    let body = String::from_utf8_lossy(response.body()).into_owned();
    assert!(
        body.contains("the run was stopped before it had a result"),
        "{body}"
    );
}

#[tokio::test(start_paused = true)]
async fn checks_under_way_end_with_the_management() {
    let runs = Runs::default();
    let management = management(|builder| {
        builder
            .check("hangs", runs.count(Hangs))
            .healthz("live", runs.count(Hangs))
    });
    let clone = management.clone();
    let questions = ["/z/health", "/healthz/live"].map(|path| ask(&management, "GET", path).send());
    while runs.under_way() < 2 {
        tokio::task::yield_now().await;
    }
    drop(management);
    tokio::task::yield_now().await;
    assert_eq!(runs.under_way(), 2, "a clone is left");
    drop(clone);
    for question in questions {
        let (response, took) = timed(question).await;
        assert_eq!((response.status().as_u16(), took), (503, ms(0)));
    }
    assert_eq!((runs.under_way(), runs.completed()), (0, 0));
}

/// On real time: a blocked thread cannot be seen on a paused clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_blocks_its_thread_does_not_hold_the_answer() {
    let runs = Runs::default();
    let (blocks, release) = BlocksThread::new();
    let management = management(|builder| {
        builder
            .deadline(ms(300))
            .check("blocks", runs.count(blocks))
            .check("works", async || ())
            .show_details(Show::Always)
    });
    let answer = get(&management, "/z/health").await;
    assert_eq!(answer.text_at("/components/works/status"), "UP");
    let expected = "gave no result within 300 ms and did not yield: it blocks its thread";
    assert_eq!(answer.text_at("/components/blocks/details/error"), expected);

    let again = get(&management, "/z/health/blocks").await;
    assert_eq!(again.text_at("/details/error"), expected);
    assert_eq!(
        (runs.started(), runs.under_way()),
        (1, 1),
        "no second run beside the blocked one"
    );

    drop(release);
    let recovers = async {
        while get(&management, "/z/health/blocks").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(ms(20_000), recovers)
        .await
        .expect("runs anew when the thread is free");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocking_closure_holds_neither_the_answer_nor_a_worker() {
    let (blocks, release) = BlocksThread::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let management = management(|builder| {
        let blocks = blocking(move || {
            count.fetch_add(1, SeqCst);
            blocks.block();
        });
        builder
            .deadline(ms(50))
            .check("blocks", blocks)
            .show_details(Show::Always)
    });
    for _ in 0..3 {
        let answer = get(&management, "/z/health/blocks").await;
        assert_eq!(answer.status, 503);
        assert!(
            answer.text_at("/details/error").contains("50 ms"),
            "{answer:?}"
        );
    }
    assert_eq!(
        calls.load(SeqCst),
        1,
        "it holds one thread, not one per run"
    );
    drop(release);
    let recovers = async {
        while get(&management, "/z/health/blocks").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(ms(20_000), recovers)
        .await
        .expect("runs anew when the thread is free");
}

#[test]
fn a_finished_reply_does_not_panic_when_polled_again() {
    let management = management(|builder| builder);
    block_on(async {
        let mut reply = pin!(ask(&management, "GET", "/z/health").send());
        assert_eq!(reply.as_mut().await.status(), 200);
        poll_fn(|context| {
            assert!(reply.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    });
}

#[test]
fn handles_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    fn moves<T: Send + 'static>(_: &T) {}
    crosses::<Management>();
    crosses::<health_core::Availability>();
    crosses::<health_core::Endpoints>();
    moves(&ask(&management(|builder| builder), "GET", "/z").send());
}
