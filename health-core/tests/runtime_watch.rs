//! The proof of life, with the application's runtime really blocked.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails its test"
)]

mod outside;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use health_core::{Component, Health, Management, ManagementServer, RuntimeWatch, Show};
use outside::{
    client::{self, Answer},
    logs,
};
use tokio::runtime::{Builder, Runtime};

const MS: Duration = Duration::from_millis(1);
const BLOCKED: Duration = Duration::from_secs(5);
const WEDGED_AFTER: Duration = Duration::from_secs(2);
const LONGEST_ANSWER: Duration = Duration::from_millis(50);

/// How often the client and the server wake each other up for an answer: to accept, read and send on
/// one side, to connect and read on the other.
const WAKE_UPS: u32 = 5;

/// What is logged is the process's, so that one test runs at a time.
static IN_TURN: Mutex<()> = Mutex::new(());

#[test]
fn a_wedged_runtime_is_told_from_outside() {
    let _turn = IN_TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let multi_thread = Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .unwrap();
    wedge(multi_thread, 3);
    let current_thread = Builder::new_current_thread().enable_all().build().unwrap();
    wedge(current_thread, 1);
}

/// Blocks every worker by a check each.
fn wedge(runtime: Runtime, workers: usize) {
    logs::collect();
    let application = Application::start(runtime, workers, BLOCKED);
    let address = application.server.address();
    assert_eq!(client::get(address, "/z/health/liveness").code, 200);
    let lag = lag_of(&client::get(address, "/z/health/livenessState"));
    assert!(lag < 200, "{lag} ms at rest");

    let noise = Noise::listen();
    let start = Instant::now();
    let asked = thread::spawn(move || client::get(address, "/z/health"));
    let mut seen = Vec::new();
    while start.elapsed() < BLOCKED - 200 * MS {
        let asked = Instant::now();
        let liveness = client::get(address, "/z/health/liveness");
        let took = asked.elapsed();
        let state = client::get(address, "/z/health/livenessState");
        seen.push((start.elapsed(), took, liveness, state));
        thread::sleep(20 * MS);
    }
    let noise = noise.longest();
    let slowest = seen.iter().map(|(_, took, ..)| *took).max().unwrap();
    assert!(
        slowest <= LONGEST_ANSWER + WAKE_UPS * noise,
        "{slowest:?} on a machine that is {noise:?} late itself"
    );

    let slack = 400 * MS + WAKE_UPS * noise;
    for (at, _, liveness, state) in &seen {
        let at = *at;
        if at < WEDGED_AFTER - 100 * MS {
            assert_eq!(liveness.code, 200, "after {at:?}: {liveness:?}");
        }
        if at > slack {
            let shown = Duration::from_millis(lag_of(state));
            assert!(
                shown + slack > at && shown < at + 100 * MS,
                "{shown:?} after {at:?}"
            );
        }
        if at > WEDGED_AFTER + slack {
            assert_eq!((liveness.code, state.code), (503, 503), "after {at:?}");
            let reason = state.at("/description");
            assert!(
                reason
                    .as_str()
                    .unwrap()
                    .starts_with("the application's runtime has not run for "),
                "{reason}"
            );
        }
    }
    let health = asked.join().unwrap();
    assert_eq!(
        health.at("/components/blocks-0/status"),
        "DOWN",
        "answered at its deadline: {health:?}"
    );

    wait_until(|| client::get(address, "/z/health/liveness").code == 200);
    wait_until(|| !logs::with("keeps its times again").is_empty());
    for (text, level) in [
        ("runtime starves", "WARN"),
        ("is wedged", "ERROR"),
        ("keeps its times again", "INFO"),
    ] {
        let lines = logs::with(text);
        assert!(
            lines.len() == 1 && lines[0].starts_with(level),
            "one line of level {level}: {lines:?}"
        );
    }
    for check in 0..workers {
        let lines = logs::with(&format!("component=\"blocks-{check}\" overdue_ms="));
        assert_eq!(
            lines.len(),
            1,
            "the check that does not come back is named once: {lines:?}"
        );
    }
    assert_eq!(
        logs::with("overdue_ms=").len(),
        workers,
        "and not the one that waits"
    );
}

/// A worker that a timer woke up and that then blocks leaves nobody at the timers of a runtime that
/// has nothing else to do.
#[test]
fn one_free_worker_is_proof_of_life() {
    let _turn = IN_TURN.lock().unwrap_or_else(PoisonError::into_inner);
    logs::collect();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    let application = Application::start(runtime, 0, BLOCKED);
    let address = application.server.address();
    handle.spawn(async {
        tokio::time::sleep(120 * MS).await;
        thread::sleep(WEDGED_AFTER + 2000 * MS);
    });
    let start = Instant::now();
    while start.elapsed() < WEDGED_AFTER + 1000 * MS {
        let state = client::get(address, "/z/health/livenessState");
        assert_eq!(state.code, 200, "after {:?}: {state:?}", start.elapsed());
        thread::sleep(50 * MS);
    }
    assert_eq!(logs::with("is wedged"), Vec::<String>::new());
}

#[test]
fn a_runtime_that_ended_is_not_wedged() {
    let _turn = IN_TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut application = Application::start(
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap(),
        0,
        BLOCKED,
    );
    let address = application.server.address();
    assert!(application.management.runtime_lag().is_some());
    drop(application.stop.take());
    wait_until(|| application.management.runtime_lag().is_none());
    let state = client::get(address, "/z/health/livenessState");
    assert_eq!(
        (state.code, state.at("/details")),
        (200, serde_json::Value::Null)
    );
}

/// The lag changes with each answer.
#[test]
fn a_body_that_is_to_be_stable_does_not_show_the_lag() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let management = Management::builder("orders")
        .show_details(Show::Always)
        .stable_bodies()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    management.watch_runtime().unwrap();
    let headers = http::HeaderMap::new();
    let request = health_core::Request::new("GET", "/z/health/livenessState", &headers);
    assert_eq!(
        runtime.block_on(management.respond(&request)).body(),
        r#"{"status":"UP"}"#
    );
    assert!(management.runtime_lag().is_some());
}

#[test]
fn nothing_changes_where_nothing_is_watched() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let management = Management::builder("orders")
        .show_details(Show::Always)
        .build()
        .unwrap();
    assert!(
        management.watch_runtime().is_err(),
        "there is no runtime here"
    );
    let headers = http::HeaderMap::new();
    let request = health_core::Request::new("GET", "/z/health/livenessState", &headers);
    let answer = runtime.block_on(management.respond(&request));
    assert_eq!(answer.body(), r#"{"status":"UP"}"#);
    assert_eq!(management.runtime_lag(), None);
}

/// An application whose runtime runs on threads of its own, until this is dropped.
struct Application {
    server: ManagementServer,
    management: Management,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Application {
    /// Starts one with so many checks that block their thread for a time, on the first run only.
    fn start(runtime: Runtime, checks: usize, blocked: Duration) -> Self {
        let watch = RuntimeWatch::default()
            .interval(50 * MS)
            .starved_after(300 * MS)
            .wedged_after(WEDGED_AFTER);
        let builder = Management::builder("orders")
            .show_details(Show::Always)
            .runtime_watch(watch);
        let builder = (0..checks).fold(builder, |builder, check| {
            let has_blocked = AtomicBool::new(false);
            let blocks = move || {
                if !has_blocked.swap(true, Ordering::SeqCst) {
                    thread::sleep(blocked);
                }
                async { Health::up() }
            };
            builder.component(Component::new(format!("blocks-{check}"), blocks).deadline(300 * MS))
        });
        // Comes before the others, and waits when they block.
        let waits =
            Component::new("a-victim", || tokio::time::sleep(10 * BLOCKED)).deadline(300 * MS);
        let builder = if checks > 0 {
            builder.component(waits)
        } else {
            builder
        };
        let (management, server) = runtime.block_on(async {
            let management = builder.build().unwrap();
            let server = management.serve_on("127.0.0.1:0").unwrap();
            (management, server)
        });
        let (stop, stopped) = tokio::sync::oneshot::channel();
        thread::spawn(move || runtime.block_on(stopped));
        Self {
            server,
            management,
            stop: Some(stop),
        }
    }
}

/// How late the machine itself wakes a thread up that does nothing but sleep.
struct Noise(thread::JoinHandle<Duration>, Arc<AtomicBool>);

impl Noise {
    fn listen() -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let listening = thread::spawn(move || {
            let mut longest = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                let start = Instant::now();
                thread::sleep(MS);
                longest = longest.max(start.elapsed() - MS);
            }
            longest
        });
        Self(listening, is_over)
    }

    fn longest(self) -> Duration {
        self.1.store(true, Ordering::Relaxed);
        self.0.join().unwrap()
    }
}

#[track_caller]
fn lag_of(state: &Answer) -> u64 {
    state
        .at("/details/runtimeLagMs")
        .as_u64()
        .unwrap_or_else(|| panic!("no lag: {state:?}"))
}

#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < client::PATIENCE, "it never was so");
        thread::sleep(5 * MS);
    }
}
