//! What the engine costs, printed: `cargo bench -p health-core --bench engine`.
//!
//! Times are compared with the time of the checks themselves in the same run, since machines are
//! noisy. The part in the background takes half a minute and reads `/proc`, so it needs Linux.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints and may fail loudly"
)]

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use health_core::{Management, Refresh, Request};
use http::{HeaderMap, StatusCode};
use tokio::task::JoinSet;

const BACKGROUND_CHECKS: usize = 10_000;
const BACKGROUND_INTERVAL: Duration = Duration::from_secs(10);
const CLOCK_TICKS_PER_SECOND: f64 = 100.0;
const PAGE_BYTES: f64 = 4096.0;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        single_flight("/z/health").await;
        single_flight("/z/health/readiness").await;
        single_flight("/z/health/slow").await;
        many_on_request().await;
        liveness().await;
        many_in_background().await;
    });
}

async fn ask(management: &Management, path: &str) -> StatusCode {
    let headers = HeaderMap::new();
    let reply = management.respond(&Request::new("GET", path, &headers));
    reply.await.status()
}

/// Makes a check that takes a while, and counts its runs.
fn slow(time: Duration, runs: &Arc<AtomicUsize>) -> impl health_core::Check + use<> {
    let runs = Arc::clone(runs);
    move || {
        runs.fetch_add(1, Ordering::Relaxed);
        async move {
            tokio::time::sleep(time).await;
            true
        }
    }
}

async fn single_flight(path: &'static str) {
    const ASKERS: usize = 1000;
    let time = Duration::from_millis(100);
    let runs = Arc::default();
    let component = health_core::Component::new("slow", slow(time, &runs)).readiness();
    let management = Management::builder("bench")
        .component(component)
        .build()
        .unwrap();
    let start = Instant::now();
    let mut askers = JoinSet::new();
    for _ in 0..ASKERS {
        let management = management.clone();
        askers.spawn(async move { ask(&management, path).await });
    }
    let answers = askers.join_all().await;
    let ratio = start.elapsed().as_secs_f64() / time.as_secs_f64();
    assert!(answers.iter().all(|code| *code == StatusCode::OK));
    let runs = runs.load(Ordering::Relaxed);
    println!(
        "{path}: {ASKERS} at once over a check of {time:?}: {runs} run, all ended in {ratio:.2} times that"
    );
}

async fn many_on_request() {
    const CHECKS: usize = 1000;
    let time = Duration::from_millis(10);
    let runs = Arc::default();
    let mut builder = Management::builder("bench");
    for index in 0..CHECKS {
        builder = builder.check(format!("check-{index}"), slow(time, &runs));
    }
    let management = builder.build().unwrap();
    let start = Instant::now();
    assert_eq!(ask(&management, "/z/health").await, StatusCode::OK);
    let ratio = start.elapsed().as_secs_f64() / time.as_secs_f64();
    println!("/z/health: {CHECKS} checks of {time:?}: ended in {ratio:.2} times one of them");
}

async fn liveness() {
    const ROUNDS: u32 = 200_000;
    let management = Management::builder("bench").build().unwrap();
    let start = Instant::now();
    for _ in 0..ROUNDS {
        ask(&management, "/z/health/liveness").await;
    }
    println!(
        "/z/health/liveness: {:?} each, in process",
        start.elapsed() / ROUNDS
    );
}

async fn many_in_background() {
    let before = resident_bytes();
    let mut builder = Management::builder("bench").background(Refresh::every(BACKGROUND_INTERVAL));
    for index in 0..BACKGROUND_CHECKS {
        builder = builder.check(format!("check-{index}"), || async { true });
    }
    let management = builder.build().unwrap();
    tokio::time::sleep(BACKGROUND_INTERVAL).await;
    let bytes = (resident_bytes() - before) / BACKGROUND_CHECKS as f64;
    let (start, busy) = (Instant::now(), busy_seconds());
    tokio::time::sleep(2 * BACKGROUND_INTERVAL).await;
    let percent = (busy_seconds() - busy) / start.elapsed().as_secs_f64() * 100.0;
    assert_eq!(ask(&management, "/z/health").await, StatusCode::OK);
    println!(
        "{BACKGROUND_CHECKS} checks in the background every {BACKGROUND_INTERVAL:?}: {percent:.2} % of a core, {bytes:.0} bytes each"
    );
}

fn resident_bytes() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    statm
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<f64>()
        .unwrap()
        * PAGE_BYTES
}

/// User and system time of the process: fields 14 and 15 of `/proc/self/stat`.
fn busy_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields
        .skip(11)
        .take(2)
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / CLOCK_TICKS_PER_SECOND
}
