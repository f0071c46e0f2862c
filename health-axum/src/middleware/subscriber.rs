//! A filter inside of the subscriber, for those who cannot change their tower layers.

use std::fmt;

use axum::http::Uri;
use health_core::{Management, Server};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id},
};
use tracing_subscriber::{
    layer::{Context, Filter},
    registry::{Extensions, LookupSpan},
};

/// Names under which layers record the path or URI of a request in its span.
const PATH_FIELDS: [&str; 5] = ["uri", "url.path", "http.target", "http.uri", "path"];
/// Names under which layers record the status of a response in an event.
const STATUS_FIELDS: [&str; 3] = ["status", "http.status_code", "http.response.status_code"];

/// Makes a filter for a subscriber's layer that leaves the log lines of successful probes out.
///
/// It knows a probe by the span that a layer such as tower-http's `TraceLayer` made for the
/// request, and its success by the event with the status. Before that, what is logged at `DEBUG` or
/// `TRACE` is left out for every probe; after it, all but warnings and errors for a successful one.
/// The span itself cannot be unmade here: who exports spans needs [`no_log`](crate::no_log()) around
/// the layer.
///
/// Where several layers of a subscriber have the filter, each counts the probes that it leaves out.
/// Within `tracing_subscriber::reload` it leaves out nothing, because that does not ask filters about
/// events; [`NoLog::set_enabled`](health_core::NoLog::set_enabled) switches it at run time.
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

impl NoLogFilter {
    fn has_path(&self, path: &str) -> bool {
        self.management.has_path(path, Server::Application)
    }

    /// Tells whether a span is of a request to this management, of which there may be several.
    fn is_probe(&self, span: &Extensions<'_>) -> bool {
        let probe = span.get::<Probe>();
        probe.is_some_and(|probe| self.has_path(&probe.path))
    }
}

impl fmt::Debug for NoLogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NoLogFilter")
            .field("management", &self.management)
            .finish()
    }
}

/// Marks the span of a request to an endpoint; all filters of a subscriber share it.
struct Probe {
    path: String,
    /// Whether its success is known; what is logged of it then is left out too.
    is_left_out: bool,
}

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
        let path = uri.map(|uri| uri.path().to_owned());
        let path = path.filter(|path| self.has_path(path));
        if let (Some(span), Some(path)) = (context.span(id), path) {
            let is_left_out = false;
            span.extensions_mut().replace(Probe { path, is_left_out });
        }
    }

    fn event_enabled(&self, event: &Event<'_>, context: &Context<'_, S>) -> bool {
        let no_log = self.management.no_log();
        if !no_log.is_enabled() {
            return true;
        }
        let mut spans = context.event_scope(event).into_iter().flatten();
        let Some(span) = spans.find(|span| self.is_probe(&span.extensions())) else {
            return true;
        };
        let mut status = Find::new(&STATUS_FIELDS);
        event.record(&mut status);
        let status = status.found.and_then(|found| found.parse().ok());
        let is_left_out = status.map(|status| no_log.leaves_out(status));
        let mut extensions = span.extensions_mut();
        let Some(probe) = extensions.get_mut::<Probe>() else {
            return true;
        };
        match is_left_out {
            Some(is_left_out) => {
                probe.is_left_out = is_left_out;
                !is_left_out
            }
            None if probe.is_left_out => *event.metadata().level() < Level::INFO,
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
