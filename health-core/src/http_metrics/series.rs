//! The series that there are so far.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Histogram, MAX_HTTP_SERIES, OTHER};

/// What requests have in common that are measured together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SeriesKey {
    pub(crate) method: &'static str,
    pub(crate) handler: String,
}

#[derive(Default)]
pub(crate) struct Series(Mutex<BTreeMap<SeriesKey, Measured>>);

#[derive(Default)]
struct Measured {
    durations: Histogram,
    /// How many requests ended with each code.
    counts: BTreeMap<u16, u64>,
}

impl Series {
    pub(super) fn record(&self, mut key: SeriesKey, status: u16, duration: Duration) {
        let mut series = self.lock();
        let is_known = |series: &BTreeMap<SeriesKey, Measured>, key: &SeriesKey| {
            let measured = series.get(key);
            measured.is_some_and(|measured| measured.counts.contains_key(&status))
        };
        if !is_known(&series, &key)
            && series
                .values()
                .map(|measured| measured.counts.len())
                .sum::<usize>()
                >= MAX_HTTP_SERIES
        {
            OTHER.clone_into(&mut key.handler);
        }
        let measured = series.entry(key).or_default();
        measured.durations.record(duration);
        *measured.counts.entry(status).or_default() += 1;
    }

    /// Returns how many requests ended with each code.
    pub(crate) fn counts(&self) -> BTreeMap<(SeriesKey, u16), u64> {
        let series = self.lock();
        let counts = series.iter().flat_map(|(key, measured)| {
            let counts = measured.counts.iter();
            counts.map(|(status, count)| ((key.clone(), *status), *count))
        });
        counts.collect()
    }

    /// Returns how long requests took.
    pub(crate) fn durations(&self) -> BTreeMap<SeriesKey, Histogram> {
        let series = self.lock();
        let durations = series
            .iter()
            .map(|(key, measured)| (key.clone(), measured.durations.clone()));
        durations.collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SeriesKey, Measured>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_routes_are_counted_together() {
        let series = Series::default();
        for number in 0..MAX_HTTP_SERIES + 100 {
            let handler = format!("/{number}");
            let key = SeriesKey {
                method: "GET",
                handler,
            };
            series.record(key, 200, Duration::ZERO);
        }
        let counts = series.counts();
        assert_eq!(counts.len(), MAX_HTTP_SERIES + 1);
        let others: u64 = counts
            .iter()
            .filter(|((key, _), _)| key.handler == OTHER)
            .map(|(_, count)| count)
            .sum();
        assert_eq!(others, 100);
        assert_eq!(series.durations().len(), MAX_HTTP_SERIES + 1);
    }
}
