//! A filter inside of the subscriber, for those who cannot change their tower layers.

use std::fmt;

use axum::http::{StatusCode, Uri};
use health_core::{Management, Server};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    layer::{Context, Filter},
    registry::LookupSpan,
};

/// Names under which layers record the path or URI of a request in its span.
const PATH_FIELDS: [&str; 5] = ["uri", "url.path", "http.target", "http.uri", "path"];
/// Names under which layers record the status of a response in an event.
const STATUS_FIELDS: [&str; 3] = ["status", "http.status_code", "http.response.status_code"];

/// Makes a filter for a subscriber's layer that leaves the log lines of successful probes out.
///
/// It knows a probe by the span that a layer such as tower-http's `TraceLayer` made for the
/// request, and its success by the event with the status. What is logged at `DEBUG` or `TRACE`
/// before the status is known is left out for every probe. The span itself cannot be unmade here:
/// who exports spans needs [`no_log`](crate::no_log()) around the layer.
///
/// ```
/// use tracing_subscriber::{Layer, fmt, layer::SubscriberExt};
/// # use health_axum::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let lines = fmt::layer().with_filter(health_axum::no_log_filter(&management));
/// let subscriber = tracing_subscriber::registry().with(lines);
/// # Ok(())
/// # }
/// ```
pub fn no_log_filter(management: &Management) -> NoLogFilter {
    NoLogFilter {
        management: management.clone(),
    }
}

/// The filter that [`no_log_filter`] makes.
#[derive(Clone)]
pub struct NoLogFilter {
    management: Management,
}

impl fmt::Debug for NoLogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoLogFilter")
            .field("management", &self.management)
            .finish()
    }
}

/// Marks the span of a request to an endpoint.
struct Probe;

impl<S> Filter<S> for NoLogFilter
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut path = Find::new(&PATH_FIELDS);
        attributes.record(&mut path);
        let uri = path.found.and_then(|found| found.parse::<Uri>().ok());
        let is_probe =
            uri.is_some_and(|uri| self.management.has_path(uri.path(), Server::Application));
        if let Some(span) = context.span(id).filter(|_| is_probe) {
            span.extensions_mut().replace(Probe);
        }
    }

    fn event_enabled(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool {
        let no_log = self.management.no_log();
        let mut spans = context.event_scope(event).into_iter().flatten();
        if !no_log.is_enabled() || !spans.any(|span| span.extensions().get::<Probe>().is_some()) {
            return true;
        }
        let mut status = Find::new(&STATUS_FIELDS);
        event.record(&mut status);
        match status
            .found
            .and_then(|found| found.parse::<StatusCode>().ok())
        {
            Some(status) => !no_log.leaves_out(status),
            None => *event.metadata().level() < Level::DEBUG,
        }
    }
}

/// Finds the first of some fields, as text.
struct Find {
    names: &'static [&'static str],
    found: Option<String>,
}

impl Find {
    fn new(names: &'static [&'static str]) -> Self {
        Self { names, found: None }
    }
}

impl Visit for Find {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.found.is_none() && self.names.contains(&field.name()) {
            self.found = Some(format!("{value:?}"));
        }
    }
}
