//! Waiting for something that another process does.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How long is waited between two looks.
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Blocks until `is_so`, and panics with `what` when it is not so within the time.
#[track_caller]
pub fn wait_until(what: &str, within: Duration, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + within;
    while !is_so() {
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// Waits until `is_so`, and panics with `what` when it is not so within the time.
pub async fn eventually(what: &str, within: Duration, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + within;
    while !is_so().await {
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
