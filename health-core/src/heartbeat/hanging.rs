//! Names checks that do not come back.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{Management, engine::Entry};

/// The distance between two looks at all checks: ten thousand cost some milliseconds of it.
const INTERVAL: Duration = Duration::from_secs(1);

/// The checks that keep their threads beyond their deadlines, each named once while it does.
#[derive(Debug, Default)]
pub(super) struct Hanging {
    checks: HashSet<usize>,
    last_look: Option<Instant>,
}

impl Hanging {
    pub(super) fn look(&mut self, management: &Management) {
        let now = Instant::now();
        if self
            .last_look
            .is_some_and(|last| now.duration_since(last) < INTERVAL)
        {
            return;
        }
        self.last_look = Some(now);
        let plan = management.plan();
        let entries = plan.entries.iter().chain(management.0.healthz.values());
        let overdue: Vec<(&Arc<Entry>, Duration)> = entries
            .filter_map(|entry| Some((entry, entry.overdue()?)))
            .collect();
        for (entry, overdue) in self.begin(&overdue) {
            tracing::warn!(
                component = entry.path(),
                overdue_ms = u64::try_from(overdue.as_millis()).unwrap_or(u64::MAX),
                "the check does not come back: it blocks its thread, beyond its deadline"
            );
        }
    }

    /// Returns those that did not hang at the last look.
    fn begin<'a>(
        &mut self,
        overdue: &[(&'a Arc<Entry>, Duration)],
    ) -> Vec<(&'a Arc<Entry>, Duration)> {
        let key = |entry: &Arc<Entry>| Arc::as_ptr(entry) as usize;
        let now = overdue.iter().map(|(entry, _)| key(entry)).collect();
        let before = std::mem::replace(&mut self.checks, now);
        let new = overdue
            .iter()
            .filter(|(entry, _)| !before.contains(&key(entry)));
        new.copied().collect()
    }
}
