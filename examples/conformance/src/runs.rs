//! How often each check has run.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// The counters of checks, by path.
pub(crate) type Counters = BTreeMap<String, Arc<AtomicU64>>;

/// Holds the counters of the checks that are there at the moment.
#[derive(Debug, Default)]
pub(crate) struct Runs(Mutex<Counters>);

impl Runs {
    pub(crate) fn new(counters: Counters) -> Self {
        Self(Mutex::new(counters))
    }

    /// Takes the counters of a component in the place of those that it had.
    pub(crate) fn replace(&self, component: &str, counters: Counters) {
        let below = format!("{component}/");
        let mut known = self.lock();
        known.retain(|path, _| path != component && !path.starts_with(&below));
        known.extend(counters);
    }

    /// Returns a JSON object of path and number.
    pub(crate) fn to_json(&self) -> String {
        let counters: BTreeMap<String, u64> = self
            .lock()
            .iter()
            .map(|(path, runs)| (path.clone(), runs.load(Ordering::Relaxed)))
            .collect();
        serde_json::json!(counters).to_string()
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters(counts: &[(&str, u64)]) -> Counters {
        counts
            .iter()
            .map(|(path, runs)| ((*path).to_owned(), Arc::new(AtomicU64::new(*runs))))
            .collect()
    }

    #[test]
    fn a_component_is_replaced_with_all_below_it() {
        let runs = Runs::new(counters(&[
            ("db", 3),
            ("pair", 1),
            ("pair/one", 2),
            ("pairs", 4),
        ]));
        runs.replace("pair", counters(&[("pair/two", 0)]));
        assert_eq!(runs.to_json(), r#"{"db":3,"pair/two":0,"pairs":4}"#);
        runs.replace("db", Counters::new());
        assert_eq!(runs.to_json(), r#"{"pair/two":0,"pairs":4}"#);
    }
}
