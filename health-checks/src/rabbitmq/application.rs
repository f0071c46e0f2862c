//! The application's own connection, on which no conversation is broken off.

use std::sync::Arc;

use lapin::Connection;
use tokio::{sync::Mutex, task::JoinHandle};

use super::{ask::unless_blocked, failure::Failure, refusals::Refusals};

/// Has a conversation on the application's connection go on to its end, also when nobody waits for
/// it any more: where a channel is closed while its refusal is on the way, lapin takes the broker's
/// answer for a violation of the protocol, and gives up the connection with all of its channels.
pub(crate) struct Application<T> {
    connection: Arc<Connection>,
    refusals: Arc<Refusals>,
    under_way: Mutex<Option<JoinHandle<Result<T, Failure>>>>,
}

impl<T: Send + 'static> Application<T> {
    pub(crate) fn new(connection: Arc<Connection>) -> Self {
        Self {
            connection,
            refusals: Arc::new(Refusals::believed()),
            under_way: Mutex::default(),
        }
    }

    /// Begins a conversation when the one that was left before is over, so that a broker which
    /// falls silent holds one task and not one for each run.
    pub(crate) async fn ask<F>(
        &self,
        conversation: impl FnOnce(Arc<Connection>, Arc<Refusals>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>> + Send + 'static,
    {
        let asked = async {
            let mut under_way = self.under_way.lock().await;
            if let Some(left) = under_way.as_mut() {
                _ = left.await;
            }
            let (connection, refusals) = (self.connection.clone(), self.refusals.clone());
            let conversation = conversation(connection, refusals);
            let asked = under_way.insert(tokio::spawn(conversation)).await;
            *under_way = None;
            asked.unwrap_or_else(|error| Err(Failure::Answer(error.to_string())))
        };
        unless_blocked(&self.connection, asked).await
    }
}
