//! The families about the application's own requests.

use super::exposition::{Kind, Labels, Writer};
use crate::HttpMetrics;

/// Writes nothing as long as no request was counted: most likely nobody counts.
pub(super) fn write(metrics: &HttpMetrics, writer: &mut Writer) {
    let counts = metrics.series().counts();
    if counts.is_empty() && metrics.in_flight() == 0 {
        return;
    }
    writer
        .family(
            Kind::Gauge,
            "http_requests_in_flight",
            "Requests that wait for their answer.",
        )
        .sample(&[], metrics.in_flight());
    let mut family = writer.family(
        Kind::Counter,
        "http_requests_total",
        "Requests by route and code of the answer; 499 where the client went away before it.",
    );
    for ((key, status), count) in counts {
        let status = status.to_string();
        let labels: Labels<'_> = &[
            ("method", key.method),
            ("handler", &key.handler),
            ("status", &status),
        ];
        family.sample(labels, count);
    }
    let mut family = writer.family(
        Kind::Histogram,
        "http_request_duration_seconds",
        "How long it took until the head of the answer was there.",
    );
    for (key, histogram) in metrics.series().durations() {
        let [method, handler] = [("method", key.method), ("handler", key.handler.as_str())];
        for (bound, count) in histogram.cumulative() {
            let bound = format!("{bound:?}");
            family.part("_bucket", &[method, handler, ("le", &bound)], count);
        }
        family.part(
            "_bucket",
            &[method, handler, ("le", "+Inf")],
            histogram.count,
        );
        family.part("_sum", &[method, handler], histogram.sum.as_secs_f64());
        family.part("_count", &[method, handler], histogram.count);
    }
}
