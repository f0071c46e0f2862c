//! The endpoints: a plain request becomes a plain response.

mod accept;
mod discovery;
mod etag;
mod health;
mod health_json;
mod healthz;
mod negotiation;
mod openapi;
mod options;
mod plain_text;
pub(crate) mod prepared;
mod prometheus;
mod request;
mod response;
mod route;
mod service;
mod timings;
mod transitions;
mod version;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Response;

pub(crate) use self::{options::Options, route::OWN_PATHS};
use self::{request::Method, route::Target};
pub use self::{
    request::{Headers, Request},
    service::{Endpoints, EndpointsFuture},
};
use crate::Management;

impl Management {
    /// Answers one request.
    ///
    /// The request is read before this returns; the reply can be awaited on any thread. Whatever
    /// happens, there is an answer: what is not here is an empty 404. For `HEAD` the body is that
    /// of `GET`: the server leaves it out and keeps its length.
    ///
    /// # Cancel safety
    /// Dropping the reply stops no check: others may wait for the same run.
    pub fn respond(&self, request: &Request<'_>) -> Reply {
        self.prepared(request, || self.write(request))
    }

    fn write(&self, request: &Request<'_>) -> Reply {
        let Some(target) = Target::of(self, request) else {
            return response::not_found().into();
        };
        let method = match Method::of(request.method) {
            Some(method) => method,
            None => return target.only_if_there(self, request, response::method_not_allowed()),
        };
        if method == Method::Options {
            return target.only_if_there(self, request, response::options());
        }
        target.answer(self, request)
    }
}

/// The answer to one request, at once or when the checks have ended.
#[must_use = "a reply does nothing unless it is awaited"]
pub struct Reply(Answer);

enum Answer {
    Now(Option<Response<Bytes>>),
    Later(Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>),
}

impl Reply {
    /// Returns the answer if it is there at once.
    fn now(&self) -> Option<&Response<Bytes>> {
        match &self.0 {
            Answer::Now(response) => response.as_ref(),
            Answer::Later(_) => None,
        }
    }

    fn later(answer: impl Future<Output = Response<Bytes>> + Send + 'static) -> Self {
        Self(Answer::Later(Box::pin(answer)))
    }
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        Self(Answer::Now(Some(response)))
    }
}

impl Future for Reply {
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Answer::Now(response) => match response.take() {
                Some(response) => Poll::Ready(response),
                None => Poll::Pending,
            },
            Answer::Later(answer) => answer.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reply")
    }
}
