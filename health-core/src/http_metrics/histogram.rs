//! How long requests took, by buckets.

use std::time::Duration;

/// The upper bounds of the buckets of `http_request_duration_seconds`, in seconds, inclusive.
///
/// Source: the default buckets of Prometheus' client libraries.
pub const DURATION_BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Counts durations; what is longer than the last bound is in `count` only.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Histogram {
    /// How many durations were within each bound and not within the one before.
    buckets: [u64; DURATION_BUCKETS.len()],
    pub(crate) count: u64,
    pub(crate) sum: Duration,
}

impl Histogram {
    pub(super) fn record(&mut self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        if let Some(index) = DURATION_BUCKETS.iter().position(|bound| seconds <= *bound) {
            self.buckets[index] += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(duration);
    }

    /// Returns each bound with how many durations were within it.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let mut within = 0;
        DURATION_BUCKETS
            .into_iter()
            .zip(self.buckets)
            .map(move |(bound, count)| {
                within += count;
                (bound, within)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_what_is_exactly_as_long_and_all_that_is_shorter() {
        let mut histogram = Histogram::default();
        for millis in [0, 5, 6, 10_000, 10_001] {
            histogram.record(Duration::from_millis(millis));
        }
        let cumulative: Vec<_> = histogram.cumulative().collect();
        assert_eq!(cumulative[0], (0.005, 2));
        assert_eq!(cumulative[1], (0.01, 3));
        assert_eq!(cumulative[10], (10.0, 4));
        assert_eq!(histogram.count, 5);
        assert_eq!(histogram.sum, Duration::from_millis(20_012));
    }
}
