//! The cap on connections: hostile clients cannot keep a probe out.

use std::collections::VecDeque;

use tokio::task::{AbortHandle, JoinHandle};

/// Holds the connections, the oldest first. For one more than allowed the oldest is closed: a probe
/// is always new, and one that lingers is closed before it.
#[derive(Debug)]
pub(super) struct Connections {
    tasks: VecDeque<AbortHandle>,
    limit: usize,
}

impl Connections {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            tasks: VecDeque::new(),
            limit,
        }
    }

    pub(super) fn add(&mut self, connection: JoinHandle<()>) {
        if self.tasks.len() >= self.limit {
            self.tasks.retain(|task| !task.is_finished());
        }
        if self.tasks.len() >= self.limit
            && let Some(oldest) = self.tasks.pop_front()
        {
            oldest.abort();
        }
        self.tasks.push_back(connection.abort_handle());
    }
}

impl Drop for Connections {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
