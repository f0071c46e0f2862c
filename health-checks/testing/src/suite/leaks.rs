//! What a check leaves behind after many runs.

use std::{
    fs,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use health_core::Status;
use tokio::runtime::Handle;

use super::Subject;
use crate::{Relay, eventually, wait::BETWEEN_LOOKS};

/// Runs before the count begins, which open what is shared and stays.
const FIRST_RUNS: u32 = 3;

/// How long a driver may take to close what it held.
const SETTLES_WITHIN: Duration = Duration::from_secs(5);

/// Runs a check often: what it holds does not grow with the runs, and all of it is let go with the
/// check.
pub(super) async fn assert_none<C>(relay: &Relay, check: &C, runs: u32)
where
    C: AsyncFn(SocketAddr) -> Arc<dyn Subject>,
{
    run(&check(relay.address()).await, FIRST_RUNS).await;
    let none_open = async || relay.open() == 0;
    eventually(
        "a dropped check has no connections",
        SETTLES_WITHIN,
        none_open,
    )
    .await;
    let before = Held::now(relay);

    let subject = check(relay.address()).await;
    run(&subject, FIRST_RUNS).await;
    let after_few = Held::now(relay);
    run(&subject, runs).await;
    assert_no_more_than(&after_few, relay, &format!("after {runs} runs")).await;
    drop(subject);
    assert_no_more_than(&before, relay, "after the check is dropped").await;
}

async fn assert_no_more_than(known: &Held, relay: &Relay, when: &str) {
    let mut held = Held::now(relay);
    let deadline = Instant::now() + SETTLES_WITHIN;
    while held.is_more_than(known) {
        assert!(
            Instant::now() < deadline,
            "{when} there are {held:?}, before it were {known:?}"
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
        held = Held::now(relay);
    }
}

async fn run(check: &Arc<dyn Subject>, times: u32) {
    for number in 0..times {
        let health = check.check().await.unwrap();
        assert_eq!(*health.status(), Status::UP, "run {number}: {health:?}");
    }
}

/// What the process and the runtime hold.
#[derive(Debug)]
struct Held {
    connections: usize,
    descriptors: usize,
    tasks: usize,
}

impl Held {
    fn now(relay: &Relay) -> Self {
        Self {
            connections: relay.open(),
            descriptors: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }

    fn is_more_than(&self, known: &Self) -> bool {
        self.connections > known.connections
            || self.descriptors > known.descriptors
            || self.tasks > known.tasks
    }
}
