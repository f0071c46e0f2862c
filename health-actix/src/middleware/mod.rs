//! What goes around the application: its metrics, and its log and traces without successful probes.

mod metrics;
mod no_log;
mod no_span;

use std::pin::Pin;

use actix_web::{
    HttpMessage,
    dev::{ServiceRequest, ServiceResponse},
};
use health_core::Management;

pub use self::{
    metrics::metrics,
    no_log::{NoLog, no_log},
    no_span::{NoSpan, no_span},
};
use crate::{RESOURCE_NAME, translate::Answered};

/// The future of a middleware: each worker of actix-web is a thread of its own.
type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// Tells whether an endpoint is at the path of a request, whatever scopes that is in.
fn is_to_an_endpoint(request: &ServiceRequest) -> bool {
    request.match_name() == Some(RESOURCE_NAME)
}

/// Tells whether this is the answer of an endpoint that leaves no trace; counts it if so.
fn is_left_out<B>(management: &Management, answer: &ServiceResponse<B>) -> bool {
    let status = answer.status().as_u16().try_into();
    answer.request().extensions().contains::<Answered>()
        && status.is_ok_and(|status| management.no_log().leaves_out(status))
}
