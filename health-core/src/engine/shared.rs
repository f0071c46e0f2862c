//! What all runs of an engine share.

use tokio::sync::Semaphore;

use super::events::Events;

/// Bounds on all runs, and where they tell what changed.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) permits: Semaphore,
    pub(super) details_limit_bytes: usize,
    pub(super) events: Events,
}
