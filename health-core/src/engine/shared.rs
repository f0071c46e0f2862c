//! What all runs of an engine share.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::events::Events;

/// Bounds on all runs, and where they tell what changed.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) permits: Arc<Semaphore>,
    pub(super) details_limit_bytes: usize,
    pub(super) events: Events,
}
