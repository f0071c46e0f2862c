//! Results that are too old.

use std::{mem::replace, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Entry;
use crate::engine::{Events, Outcome, events::Transition};

impl Entry {
    /// Returns the failure in the place of a last result that is too old. The first time that is a
    /// transition, whoever looks.
    pub(crate) fn stale(&self, events: &Events) -> Option<Arc<Outcome>> {
        let limit = self.settings.stale_after()?;
        let mut state = self.state();
        let latest = state.latest.as_ref()?;
        let age = latest.age();
        if age <= limit {
            return None;
        }
        let before = latest.health.status.clone();
        let is_new = !replace(&mut state.is_stale, true);
        drop(state);
        let stale = self.failing_from_now(Outcome::failed(format!(
            "stale: the last result is {} ms old and may be {} ms old at the most",
            age.as_millis(),
            limit.as_millis()
        )));
        if is_new
            && let Some(transition) =
                Transition::between(&self.path, self.group.as_deref(), Some(before), &stale)
        {
            events.publish(transition);
        }
        Some(stale)
    }

    /// Returns a moment at which the last result is too old, should there be no other one by then.
    pub(in crate::engine) fn stale_at(&self) -> Option<Instant> {
        let good_until = self
            .state()
            .latest
            .as_ref()?
            .finished
            .checked_add(self.settings.stale_after()?);
        good_until?.checked_add(Duration::from_millis(1))
    }
}
