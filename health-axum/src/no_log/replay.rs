//! The service inside the logging layer: answers what has been answered already.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum::{extract::Request, response::Response};
use pin_project_lite::pin_project;
use tower_service::Service;

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
    type Future = ReplayFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let answered = request.extensions_mut().remove::<Answered>();
        match answered.and_then(|answered| answered.take()) {
            Some(response) => ReplayFuture {
                state: State::Answered {
                    response: Some(response),
                },
            },
            None => ReplayFuture {
                state: State::Asked {
                    future: self.0.call(request),
                },
            },
        }
    }
}

pin_project! {
    /// The response future of [`Replay`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct ReplayFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        Answered { response: Option<Response> },
        Asked { #[pin] future: F },
    }
}

impl<F> Future for ReplayFuture<F>
where
    F: Future<Output = Result<Response, Infallible>>,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Asked { future } => future.poll(cx),
            StateProjection::Answered { response } => match response.take() {
                Some(response) => Poll::Ready(Ok(response)),
                None => Poll::Pending,
            },
        }
    }
}
