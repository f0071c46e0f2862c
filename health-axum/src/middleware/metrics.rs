//! A layer that counts the application's own requests.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use health_core::{Management, RequestInFlight, Server};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// Counts and times requests for `/prometheus`, as [`HttpMetrics`](health_core::HttpMetrics) says;
/// requests to the endpoints are left out.
///
/// Put it on the router, where the route is known: around the server each request would be one
/// without a route. It knows endpoints by their path, as [`no_log`](crate::no_log()) does.
///
/// ```
/// # use axum::Router;
/// # use health_axum::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app: Router = Router::new()
///     .merge(health_axum::endpoints(&management))
///     .layer(health_axum::metrics_layer(&management));
/// # Ok(())
/// # }
/// ```
pub fn metrics_layer(management: &Management) -> MetricsLayer {
    MetricsLayer(management.clone())
}

/// The layer that [`metrics_layer`] makes.
#[derive(Clone, Debug)]
pub struct MetricsLayer(Management);

impl<S> Layer<S> for MetricsLayer {
    type Service = MetricsService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        MetricsService {
            management: self.0.clone(),
            inner,
        }
    }
}

/// The service that [`MetricsLayer`] makes.
#[derive(Clone, Debug)]
pub struct MetricsService<S> {
    management: Management,
    inner: S,
}

impl<S> MetricsService<S> {
    fn begin(&self, request: &Request) -> Option<RequestInFlight> {
        let path = request.uri().path();
        if self.management.has_path(path, Server::Application) {
            return None;
        }
        let metrics = self.management.http_metrics();
        let mut in_flight = metrics.begin(request.method().as_str());
        if let Some(route) = request.extensions().get::<MatchedPath>() {
            in_flight.set_handler(route.as_str());
        }
        Some(in_flight)
    }
}

impl<S: Service<Request, Response = Response>> Service<Request> for MetricsService<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = MetricsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        MetricsFuture {
            in_flight: self.begin(&request),
            answer: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The answer that [`MetricsService`] waits for.
    #[derive(Debug)]
    pub struct MetricsFuture<F> {
        in_flight: Option<RequestInFlight>,
        #[pin]
        answer: F,
    }
}

impl<F: Future<Output = Result<Response, E>>, E> Future for MetricsFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(cx))?;
        if let Some(in_flight) = this.in_flight.take() {
            in_flight.end(answer.status().as_u16());
        }
        Poll::Ready(Ok(answer))
    }
}
