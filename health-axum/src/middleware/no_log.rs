//! A layer around a logging layer.

use std::{
    convert::Infallible,
    fmt,
    future::poll_fn,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use health_core::{Management, Server};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::replay::{Answered, Replay};

/// Puts a layer that logs or traces requests around everything but successful probes.
///
/// A request to an endpoint goes past the layer. If it is answered with 200, no line and no span
/// is left; otherwise the answer is handed through the layer, which logs it as it logs everything.
/// Its own time measurement starts at that moment, so that the latency of a failed probe reads as
/// next to nothing; why a component failed, and when, is in the log line of its change of status.
/// A probe whose client leaves before the answer leaves nothing. All other requests go through the
/// layer unchanged.
///
/// It knows endpoints by their path as it comes to it. Where a router with endpoints is nested, put
/// this on that router, or better merge the endpoints into the outermost one and give the management
/// the whole [base path](health_core::Builder::base_path), such as `/api/z`.
///
/// [`NoLog::set_enabled`](health_core::NoLog::set_enabled) switches this off and on at run time.
///
/// ```
/// # use axum::Router;
/// # use health_axum::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// # let trace = tower_layer::Identity::new();
/// let app: Router = Router::new()
///     .merge(health_axum::endpoints(&management))
///     .layer(health_axum::no_log(&management, trace)); // such as a `TraceLayer`
/// # Ok(())
/// # }
/// ```
pub fn no_log<L>(management: &Management, layer: L) -> NoLogLayer<L> {
    NoLogLayer {
        management: management.clone(),
        layer,
    }
}

/// Makes tower-http's `TraceLayer` for HTTP with its defaults, which successful probes pass by.
#[cfg(feature = "trace")]
pub fn trace_layer(
    management: &Management,
) -> NoLogLayer<tower_http::trace::TraceLayer<tower_http::trace::HttpMakeClassifier>> {
    no_log(management, tower_http::trace::TraceLayer::new_for_http())
}

/// The layer that [`no_log`] makes.
#[derive(Clone)]
pub struct NoLogLayer<L> {
    management: Management,
    layer: L,
}

impl<L> fmt::Debug for NoLogLayer<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoLogLayer")
            .field("management", &self.management)
            .finish_non_exhaustive()
    }
}

impl<S, L> Layer<S> for NoLogLayer<L>
where
    S: Clone,
    L: Layer<Replay<S>>,
{
    type Service = NoLogService<S, L::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        NoLogService {
            management: self.management.clone(),
            quiet: Arc::new(inner.clone()),
            logged: self.layer.layer(Replay(inner)),
        }
    }
}

/// The service that [`NoLogLayer`] makes.
#[derive(Clone)]
pub struct NoLogService<S, L> {
    management: Management,
    /// Cloned for probes only: each request of the application clones this service.
    quiet: Arc<S>,
    logged: L,
}

impl<S, L> fmt::Debug for NoLogService<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoLogService")
            .field("management", &self.management)
            .finish_non_exhaustive()
    }
}

impl<S, L> NoLogService<S, L> {
    fn is_quiet(&self, request: &Request) -> bool {
        self.management.no_log().is_enabled()
            && self
                .management
                .has_path(request.uri().path(), Server::Application)
    }
}

impl<S, L> Service<Request> for NoLogService<S, L>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    L: Service<Request, Error = Infallible> + Clone + Send + 'static,
    L::Response: IntoResponse,
    L::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = NoLogFuture<L::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.logged.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if !self.is_quiet(&request) {
            return NoLogFuture::theirs(self.logged.call(request));
        }
        // The clone has not been polled ready, the one before it has.
        let clone = self.logged.clone();
        let mut logged = mem::replace(&mut self.logged, clone);
        let mut quiet = S::clone(&self.quiet);
        let management = self.management.clone();
        let (parts, body) = request.into_parts();
        let mut again = Request::from_parts(parts.clone(), Body::empty());
        NoLogFuture::ours(async move {
            let Ok(()) = poll_fn(|cx| quiet.poll_ready(cx)).await;
            let Ok(response) = quiet.call(Request::from_parts(parts, body)).await;
            if management.no_log().leaves_out(response.status()) {
                return response;
            }
            again.extensions_mut().insert(Answered::new(response));
            let Ok(response) = logged.call(again).await;
            response.into_response()
        })
    }
}

pin_project! {
    /// The response future of [`NoLogService`] and of [`Replay`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct NoLogFuture<F> {
        #[pin]
        answer: Answer<F>,
    }
}

pin_project! {
    /// A page costs no box, a probe one.
    #[project = AnswerProjection]
    enum Answer<F> {
        Theirs { #[pin] future: F },
        Ours { future: Pin<Box<dyn Future<Output = Response> + Send>> },
    }
}

impl<F> NoLogFuture<F> {
    pub(super) fn theirs(future: F) -> Self {
        let answer = Answer::Theirs { future };
        Self { answer }
    }

    pub(super) fn ours(future: impl Future<Output = Response> + Send + 'static) -> Self {
        let future = Box::pin(future);
        let answer = Answer::Ours { future };
        Self { answer }
    }
}

impl<F, R> Future for NoLogFuture<F>
where
    F: Future<Output = Result<R, Infallible>>,
    R: IntoResponse,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().answer.project() {
            AnswerProjection::Theirs { future } => future.poll(cx).map_ok(R::into_response),
            AnswerProjection::Ours { future } => future.as_mut().poll(cx).map(Ok),
        }
    }
}
