//! The service behind the routes.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{OriginalUri, Request},
    http::request::Parts,
    response::Response,
};
use health_core::{Endpoints, Reply};
use tower_service::Service;

/// Answers axum's requests to the endpoints.
#[derive(Clone, Debug)]
pub struct EndpointService {
    endpoints: Endpoints,
    is_nested: bool,
}

impl EndpointService {
    pub(crate) fn merged(endpoints: Endpoints) -> Self {
        Self {
            endpoints,
            is_nested: false,
        }
    }

    pub(crate) fn nested(endpoints: Endpoints) -> Self {
        Self {
            endpoints,
            is_nested: true,
        }
    }
}

impl Service<Request> for EndpointService {
    type Response = Response;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> ResponseFuture {
        let (parts, _) = request.into_parts();
        let is_nested = self.is_nested;
        ResponseFuture(self.endpoints.respond(&parts, |request, parts| {
            let sent_path = sent_path(parts);
            let request = request.sent_path(sent_path);
            if is_nested {
                request.below_base(below_mount(sent_path, parts.uri.path()))
            } else {
                request
            }
        }))
    }
}

fn sent_path(parts: &Parts) -> &str {
    let original = parts.extensions.get::<OriginalUri>();
    original.map_or(parts.uri.path(), |OriginalUri(uri)| uri.path())
}

/// Returns the path below the mount; axum calls the mount itself `/`, with or without a slash sent.
fn below_mount<'a>(sent: &str, below: &'a str) -> &'a str {
    if below == "/" && !sent.ends_with('/') {
        ""
    } else {
        below
    }
}

/// The response future of [`EndpointService`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct ResponseFuture(Reply);

impl Future for ResponseFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|response| Ok(response.map(Body::from)))
    }
}
