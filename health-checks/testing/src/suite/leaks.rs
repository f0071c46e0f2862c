//! What a check leaves behind after many runs.

use std::{
    fs,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;

use super::{
    Subject, Suite,
    run::{manage, respond},
};
use crate::{Relay, eventually, wait::BETWEEN_LOOKS};

/// Runs before the count begins, which open what is shared and stays.
const FIRST_RUNS: u32 = 3;

/// How long a driver may take to close what it held.
const SETTLES_WITHIN: Duration = Duration::from_secs(5);

/// What one connection costs the process: the check's end of it and both of the relay.
const DESCRIPTORS_PER_CONNECTION: usize = 3;

/// Runs the check of a suite often: what it holds does not grow with the runs, but for the spare
/// connections, and all of it is let go with the check.
pub(super) async fn assert_none<C>(suite: &Suite<'_, C>, relay: &Relay)
where
    C: AsyncFn(SocketAddr) -> Arc<dyn Subject>,
{
    let make = async || (suite.check)(relay.address()).await;
    let run = async |subject: &Arc<dyn Subject>, times| run(subject, times, suite.deadline).await;
    run(&make().await, FIRST_RUNS).await;
    let none_open = async || relay.open() == 0;
    eventually(
        "a dropped check has no connections",
        SETTLES_WITHIN,
        none_open,
    )
    .await;
    let before = Held::now(relay);

    let subject = make().await;
    run(&subject, FIRST_RUNS).await;
    let after_few = Held::now(relay);
    run(&subject, suite.runs).await;
    let when = format!("after {} runs", suite.runs);
    assert_no_more_than(&after_few, suite.spare, relay, &when).await;
    drop(subject);
    assert_no_more_than(&before, 0, relay, "after the check is dropped").await;
}

async fn assert_no_more_than(known: &Held, spare: usize, relay: &Relay, when: &str) {
    let mut held = Held::now(relay);
    let deadline = Instant::now() + SETTLES_WITHIN;
    while held.is_more_than(known, spare) {
        assert!(
            Instant::now() < deadline,
            "{when} there are {held:?}, before it were {known:?}"
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
        held = Held::now(relay);
    }
}

async fn run(check: &Arc<dyn Subject>, times: u32, deadline: Duration) {
    let management = manage(check, deadline);
    for number in 0..times {
        let asked = respond(&management).await;
        assert_eq!(asked.status, "UP", "run {number}: {asked}");
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

    /// Tells whether it is more than what is known and so many connections, each with a task that
    /// drives it.
    fn is_more_than(&self, known: &Self, spare: usize) -> bool {
        let opened = self.connections.saturating_sub(known.connections);
        let spare = opened.min(spare);
        opened > spare
            || self.descriptors > known.descriptors + spare * DESCRIPTORS_PER_CONNECTION
            || self.tasks > known.tasks + spare
    }
}
