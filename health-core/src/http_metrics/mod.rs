//! What an application's own requests were: how many, how they ended, how long they took.

mod histogram;
mod series;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

pub use self::histogram::DURATION_BUCKETS;
pub(crate) use self::{
    histogram::Histogram,
    series::{Series, SeriesKey},
};
use crate::Management;

/// How many series there are at the most, inclusive; one is a method, a route and a code.
///
/// Beyond it requests are counted with the route [`OTHER`]: routes are few by nature, and who
/// passes whole paths as routes does not fill the memory with them.
pub const MAX_HTTP_SERIES: usize = 2_000;

/// The label of a method or route that has no name of its own.
pub const OTHER: &str = "other";

/// The status label of a request whose client went away before the answer.
///
/// Source: nginx, which logs such a request with this code.
pub const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Counts the requests that an application answers, for its `/prometheus` endpoint.
///
/// The adapters' layers do it for all requests but those to the endpoints themselves, which the
/// metrics of the checks tell about. The families are there once a layer is:
/// `http_requests_total` by `method`, `handler` (the route, not the path) and `status`,
/// `http_request_duration_seconds` by `method` and `handler` until the answer's head is there, and
/// `http_requests_in_flight`. The names are those that the dashboards of FastAPI applications ask
/// for. Reached by [`Management::http_metrics`]; cheap to clone.
#[derive(Clone, Default)]
pub struct HttpMetrics(Arc<Inner>);

#[derive(Default)]
struct Inner {
    in_flight: AtomicUsize,
    series: Series,
}

impl HttpMetrics {
    /// Starts the clock of a request.
    pub fn begin(&self, method: &str) -> RequestInFlight {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        RequestInFlight {
            metrics: self.clone(),
            method: known_method(method),
            handler: None,
            since: Instant::now(),
            ended: None,
        }
    }

    /// Returns how many requests wait for their answer.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) fn series(&self) -> &Series {
        &self.0.series
    }
}

impl fmt::Debug for HttpMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpMetrics")
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

/// A request whose answer is not there yet; dropped without one, its client went away.
#[derive(Debug)]
#[must_use = "dropped at once it counts as a request whose client went away"]
pub struct RequestInFlight {
    metrics: HttpMetrics,
    method: &'static str,
    handler: Option<String>,
    since: Instant,
    ended: Option<u16>,
}

impl RequestInFlight {
    /// Sets the route that answers, such as `/orders/{id}`; without one it is [`OTHER`].
    ///
    /// Pass no path of a request: each would be a series of its own.
    pub fn set_handler(&mut self, route: impl Into<String>) {
        self.handler = Some(route.into());
    }

    /// Counts the request with the code of its answer.
    pub fn end(mut self, status: u16) {
        self.ended = Some(status);
    }
}

impl Drop for RequestInFlight {
    fn drop(&mut self) {
        self.metrics.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        let status = match self.ended {
            Some(status) => status,
            None => CLIENT_CLOSED_REQUEST,
        };
        let key = SeriesKey {
            method: self.method,
            handler: self.handler.take().unwrap_or_else(|| OTHER.to_owned()),
        };
        self.metrics
            .0
            .series
            .record(key, status, self.since.elapsed());
    }
}

impl Management {
    /// Returns what counts the requests of the application; the adapters' metrics layers use it.
    pub fn http_metrics(&self) -> &HttpMetrics {
        &self.0.http_metrics
    }
}

/// Returns the label of a method: whoever sends a request may write any word there.
fn known_method(method: &str) -> &'static str {
    const NAMES: [&str; 9] = [
        "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE",
    ];
    NAMES
        .into_iter()
        .find(|name| *name == method)
        .unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_nobody_knows_is_no_series_of_its_own() {
        for (method, label) in [
            ("GET", "GET"),
            ("PATCH", "PATCH"),
            ("get", OTHER),
            ("\0", OTHER),
        ] {
            assert_eq!(known_method(method), label, "{method:?}");
        }
    }

    #[test]
    fn a_request_is_in_flight_until_it_ends_or_its_client_goes_away() {
        let metrics = HttpMetrics::default();
        let answered = metrics.begin("GET");
        let left = metrics.begin("GET");
        assert_eq!(metrics.in_flight(), 2);
        answered.end(404);
        assert_eq!(metrics.in_flight(), 1);
        drop(left);
        assert_eq!(metrics.in_flight(), 0);
        let statuses: Vec<_> = metrics.series().counts().into_keys().collect();
        let statuses: Vec<_> = statuses.iter().map(|(_, status)| *status).collect();
        assert_eq!(statuses, [404, CLIENT_CLOSED_REQUEST]);
    }
}
