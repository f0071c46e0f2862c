//! The service inside the logging layer: answers what has been answered already.

use std::{
    convert::Infallible,
    future::ready,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use tower_service::Service;

use super::NoLogFuture;

/// Hands a response that is there already through the layer around this service; other requests go
/// to the application.
#[derive(Clone, Debug)]
pub struct Replay<S>(pub(super) S);

/// Travels in the extensions of a request that has been answered.
#[derive(Clone)]
pub(super) struct Answered(Arc<Mutex<Option<Response>>>);

impl Answered {
    pub(super) fn new(response: Response) -> Self {
        Self(Arc::new(Mutex::new(Some(response))))
    }

    fn take(&self) -> Option<Response> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S> Service<Request> for Replay<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = NoLogFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let answered = request.extensions_mut().remove::<Answered>();
        match answered.and_then(|answered| answered.take()) {
            Some(response) => NoLogFuture::ours(ready(response)),
            None => NoLogFuture::theirs(self.0.call(request)),
        }
    }
}
