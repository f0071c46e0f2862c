//! Names checks that do not come back, and notices results that are too old where the runtime that
//! should is stuck or gone.

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
        for entry in entries.clone() {
            entry.stale(management.0.engine.events());
        }
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

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;

    use super::*;
    use crate::{Component, Refresh, Status};

    #[test]
    fn a_result_that_is_too_old_is_noticed_when_its_runtime_is_gone() {
        let millis = Duration::from_millis;
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        let management = runtime.block_on(async {
            let refresh = Refresh::every(millis(1)).stale_after(millis(5));
            let management = Management::builder("orders")
                .component(Component::new("db", async || ()).background(refresh))
                .build()
                .unwrap();
            let mut changes = management.watch();
            changes.changed().await.unwrap();
            management
        });
        drop(runtime);
        let of_db = || {
            let transitions = management.last_transitions();
            let statuses = transitions.iter().map(|transition| transition.to.clone());
            statuses.collect::<Vec<Status>>()
        };
        assert_eq!(of_db().first(), Some(&Status::UP));
        std::thread::sleep(millis(6));
        Hanging::default().look(&management);
        assert_eq!(of_db().last(), Some(&Status::DOWN));
    }
}
