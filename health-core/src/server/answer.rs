//! Answers one request on the server's thread, without ever keeping that thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use tokio::{sync::Semaphore, time::timeout};

use super::Identify;
use crate::{DEFAULT_DEADLINE, Management, Reply, Request, Server, own_thread::BLOCKING_THREADS};

/// Makes the answers; cheap to clone.
#[derive(Clone)]
pub(super) struct Answers {
    management: Management,
    identify: Arc<Identify>,
    /// The threads for closures of the application that are free.
    turns: Arc<Semaphore>,
}

impl Answers {
    pub(super) fn new(management: Management, identify: Arc<Identify>) -> Self {
        Self {
            management,
            identify,
            turns: Arc::new(Semaphore::new(BLOCKING_THREADS)),
        }
    }

    pub(super) async fn answer(self, parts: Parts) -> Response<Bytes> {
        let reply = if calls_closures(parts.uri.path()) {
            match timeout(DEFAULT_DEADLINE, self.respond_in_turn(parts)).await {
                Ok(reply) => reply,
                Err(_) => return failed(StatusCode::SERVICE_UNAVAILABLE),
            }
        } else {
            self.respond(&parts)
        };
        match reply {
            Some(reply) => reply.await,
            None => failed(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Responds on a thread for code that blocks. Whoever gives up before one is free leaves nothing
    /// behind.
    async fn respond_in_turn(self, parts: Parts) -> Option<Reply> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok()?;
        let respond = move || {
            let _turn = turn;
            self.respond(&parts)
        };
        tokio::task::spawn_blocking(respond).await.ok().flatten()
    }

    /// Returns nothing when code of the application panics.
    fn respond(&self, parts: &Parts) -> Option<Reply> {
        let responded = catch_unwind(AssertUnwindSafe(|| {
            let identity = (self.identify)(parts);
            let request = Request::new(parts.method.as_str(), parts.uri.path(), &parts.headers)
                .server(Server::Management)
                .from_outside()
                .identity(identity.as_ref());
            self.management.respond(&request)
        }));
        responded
            .inspect_err(|_| {
                tracing::error!("the answer to a request to the management server panicked")
            })
            .ok()
    }
}

/// Tells whether the answer may call closures of the application, which may block: those run on a
/// thread for such. That a component can have the same name does no harm.
fn calls_closures(path: &str) -> bool {
    path.ends_with("/info") || path.ends_with("/version")
}

fn failed(code: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = code;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
