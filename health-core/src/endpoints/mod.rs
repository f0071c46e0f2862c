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
mod reply;
mod request;
mod response;
mod route;
mod service;
mod timings;
mod transitions;
mod version;

pub(crate) use self::{options::Options, route::OWN_PATHS};
pub use self::{
    reply::{FormedReply, Reply},
    request::{Headers, Request},
    service::{Endpoints, EndpointsFuture},
};
use self::{request::Method, route::Target};
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
