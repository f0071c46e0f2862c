//! What the tests share: a strict client, scripted checks and golden files.

mod block_on;
mod checks;
mod client;
pub(crate) mod golden;

use std::time::Duration;

use health_core::Management;
use tokio::time::Instant;

pub(crate) use self::{
    block_on::block_on,
    checks::{BlocksThread, Hangs, Panics, Runs, Sequence, Slow, after, failing, holds, of_scope},
    client::{Answer, Ask, V2, V3, ask, get},
};

/// A management of the name `orders`, changed by the test.
pub(crate) fn management(
    change: impl FnOnce(health_core::Builder) -> health_core::Builder,
) -> Management {
    change(Management::builder("orders"))
        .build()
        .expect("a valid set-up")
}

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Awaits a future and tells how long that took on tokio's clock.
pub(crate) async fn timed<F: IntoFuture>(future: F) -> (F::Output, Duration) {
    let start = Instant::now();
    let output = future.await;
    (output, start.elapsed())
}

/// Asserts a time on the paused clock, whose timers round up to whole milliseconds.
#[track_caller]
pub(crate) fn assert_took(took: Duration, expected: Duration) {
    assert!(
        took >= expected && took <= expected + ms(2),
        "took {took:?}, not {expected:?}"
    );
}
