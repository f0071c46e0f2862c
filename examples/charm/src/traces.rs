//! The span of a request, as a receiver of traces shows it.

use axum::extract::{MatchedPath, Request};
use tower_http::{
    classify::{ServerErrorsAsFailures, SharedClassifier},
    trace::TraceLayer,
};
use tracing::{Span, field};

/// Makes a layer with a span per request, with the name that receivers expect, which tower-http's own
/// span does not have.
pub(crate) fn layer() -> TraceLayer<SharedClassifier<ServerErrorsAsFailures>, fn(&Request) -> Span>
{
    TraceLayer::new_for_http().make_span_with(span as fn(&Request) -> Span)
}

/// Names it by the route, not by the path: paths without end would be names without end.
fn span(request: &Request) -> Span {
    let method = request.method().as_str();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(MatchedPath::as_str);
    let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
    tracing::info_span!(
        "request",
        otel.name = name,
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        url.path = field::display(request.uri().path()),
    )
}
