//! A layer around a logging layer.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
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
/// All other requests go through the layer unchanged.
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
    S: Service<Request, Response = Response, Error = Infallible> + Clone,
    L: Service<Request, Error = Infallible> + Clone,
    L::Response: IntoResponse,
{
    type Response = Response;
    type Error = Infallible;
    type Future = NoLogFuture<S, L>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.logged.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if !self.is_quiet(&request) {
            let future = self.logged.call(request);
            return NoLogFuture {
                state: State::Logged { future },
            };
        }
        // The clone has not been polled ready, the one before it has.
        let clone = self.logged.clone();
        let logged = std::mem::replace(&mut self.logged, clone);
        let (parts, body) = request.into_parts();
        let again = Request::from_parts(parts.clone(), Body::empty());
        let probe = Probe {
            management: self.management.clone(),
            again,
            logged,
        };
        let asking = Asking {
            quiet: S::clone(&self.quiet),
            request: Request::from_parts(parts, body),
            probe,
        };
        NoLogFuture {
            state: State::Waiting {
                asking: Some(Box::new(asking)),
            },
        }
    }
}

/// A probe whose service is not ready yet.
struct Asking<S, L> {
    quiet: S,
    request: Request,
    probe: Probe<L>,
}

/// What is needed should a probe fail.
struct Probe<L> {
    management: Management,
    again: Request,
    logged: L,
}

pin_project! {
    /// The response future of [`NoLogService`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct NoLogFuture<S: Service<Request>, L: Service<Request>> {
        #[pin]
        state: State<S, L, S::Future, L::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, L, Q, F> {
        Logged { #[pin] future: F },
        Waiting { asking: Option<Box<Asking<S, L>>> },
        Quiet { #[pin] future: Q, probe: Option<Box<Probe<L>>> },
    }
}

impl<S, L> Future for NoLogFuture<S, L>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    L: Service<Request, Error = Infallible>,
    L::Response: IntoResponse,
{
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let next = match self.as_mut().project().state.project() {
                StateProjection::Logged { future } => {
                    let Ok(response) = ready!(future.poll(cx));
                    return Poll::Ready(Ok(response.into_response()));
                }
                StateProjection::Waiting { asking } => {
                    let Some(waiting) = asking else {
                        return Poll::Pending;
                    };
                    _ = ready!(waiting.quiet.poll_ready(cx));
                    let Some(asking) = asking.take() else {
                        return Poll::Pending;
                    };
                    let Asking {
                        mut quiet,
                        request,
                        probe,
                    } = *asking;
                    State::Quiet {
                        future: quiet.call(request),
                        probe: Some(Box::new(probe)),
                    }
                }
                StateProjection::Quiet { future, probe } => {
                    let Ok(response) = ready!(future.poll(cx));
                    let failed = probe
                        .take()
                        .filter(|probe| !probe.management.no_log().leaves_out(response.status()));
                    let Some(failed) = failed else {
                        return Poll::Ready(Ok(response));
                    };
                    let Probe {
                        mut again,
                        mut logged,
                        ..
                    } = *failed;
                    again.extensions_mut().insert(Answered::new(response));
                    State::Logged {
                        future: logged.call(again),
                    }
                }
            };
            self.as_mut().project().state.set(next);
        }
    }
}
