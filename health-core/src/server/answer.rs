//! Answers one request on the server's thread, without ever keeping that thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use tokio::time::timeout;

use super::Identify;
use crate::{DEFAULT_DEADLINE, Management, Reply, Request, Server};

/// Makes the answers; cheap to clone.
#[derive(Clone)]
pub(super) struct Answers {
    pub(super) management: Management,
    pub(super) identify: Arc<Identify>,
}

impl Answers {
    pub(super) async fn answer(self, parts: Parts) -> Response<Bytes> {
        let reply = if calls_closures(parts.uri.path()) {
            let reply = tokio::task::spawn_blocking(move || self.respond(&parts));
            match timeout(DEFAULT_DEADLINE, reply).await {
                Ok(reply) => reply.ok().flatten(),
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
