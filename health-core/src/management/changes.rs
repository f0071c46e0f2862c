//! What can be changed while the application runs.

use std::{
    error::Error,
    fmt,
    sync::{Arc, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::{
    sync::{broadcast, watch},
    time::Instant,
};

use super::{Management, Registry, validate};
use crate::{
    BuildError, Component, Health, Status,
    engine::{Entry, Outcome, Transition},
    group::covers,
    plan,
};

/// Says that there is no component of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownComponent(String);

impl fmt::Display for UnknownComponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no component `{}`", self.0)
    }
}

impl Error for UnknownComponent {}

/// Notes successes of real traffic; cheap to clone and to call.
#[derive(Clone, Debug)]
pub struct Evidence(Vec<Arc<Entry>>);

impl Evidence {
    /// Notes that the component has just worked.
    pub fn success(&self) {
        for entry in &self.0 {
            entry.note_success();
        }
    }
}

/// The last known state of one component.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ComponentState {
    /// The path, such as `db` or `pair/one`.
    pub component: String,
    /// The effective status; nothing before the first result.
    pub status: Option<Status>,
    /// Why, where the check said so.
    pub reason: Option<String>,
    /// When the last run ended.
    pub at: Option<SystemTime>,
    /// How long ago that was.
    pub age: Option<Duration>,
    /// How long the last run took.
    pub duration: Option<Duration>,
}

impl Management {
    /// Adds a component, or takes it in the place of the one with its name, while the application
    /// runs.
    ///
    /// # Errors
    /// Lists what is wrong with the component.
    pub fn put(&self, component: Component) -> Result<(), BuildError> {
        let (groups, defaults) = {
            let registry = self.registry();
            let groups: Vec<String> = registry.group_names().map(str::to_owned).collect();
            (groups, registry.defaults.clone())
        };
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        validate::component(&component, &groups).into_result()?;
        let (name, shown) = (component.name.clone(), component.shown);
        // A check is asked for its variants here: that is no code of ours to run under the lock.
        let node = plan::node(component, "", &defaults, &groups);
        let mut registry = self.registry();
        registry.put_node(name, node, shown);
        let plan = registry.plan();
        // Under the lock, so that no older plan takes the place of a newer one.
        let before = self.replace_plan(plan);
        drop(registry);
        drop(before);
        Ok(())
    }

    /// Removes a component, with all that is below it, and stops what it has under way.
    ///
    /// # Errors
    /// There is no such component.
    pub fn remove(&self, name: &str) -> Result<(), UnknownComponent> {
        let mut registry = self.registry();
        if validate::is_own(name) || !registry.remove(name) {
            return Err(UnknownComponent(name.to_owned()));
        }
        let plan = registry.plan();
        // Under the lock, so that no older plan takes the place of a newer one.
        let before = self.replace_plan(plan);
        drop(registry);
        drop(before);
        Ok(())
    }

    /// Shows a component, with all that is below it, as OUT_OF_SERVICE for a time, whatever its
    /// check says: an operator's word. `readinessState` takes the whole application out of service.
    ///
    /// # Errors
    /// There is no such component.
    pub fn take_out_of_service(
        &self,
        component: &str,
        reason: &str,
        time: Duration,
    ) -> Result<(), UnknownComponent> {
        let entries = self.entries_of(component)?;
        tracing::warn!(
            component,
            reason,
            seconds = time.as_secs(),
            "taken out of service"
        );
        let until = Instant::now().checked_add(time);
        for entry in entries {
            entry.force(Some((Health::out_of_service().description(reason), until)));
        }
        Ok(())
    }

    /// Ends [`Management::take_out_of_service`] before its time.
    ///
    /// # Errors
    /// There is no such component.
    pub fn put_back(&self, component: &str) -> Result<(), UnknownComponent> {
        let entries = self.entries_of(component)?;
        tracing::warn!(component, "put back into service");
        for entry in entries {
            entry.force(None);
        }
        Ok(())
    }

    /// Returns where the application's real traffic notes that a component works; within
    /// [`Component::evidence_ttl`] of a success the check is not run.
    ///
    /// # Errors
    /// There is no such component.
    pub fn evidence(&self, component: &str) -> Result<Evidence, UnknownComponent> {
        Ok(Evidence(self.entries_of(component)?))
    }

    /// Returns the last known state of all components, by path, without running a check.
    pub fn snapshot(&self) -> Vec<ComponentState> {
        let mut states: Vec<ComponentState> = self
            .plan()
            .entries
            .iter()
            .map(|entry| self.state_of(entry))
            .collect();
        states.sort_by(|a, b| a.component.cmp(&b.component));
        states.dedup_by(|a, b| a.component == b.component);
        states
    }

    /// Waits for changes of status: each one makes the receiver's value grow.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.engine.events().watch()
    }

    /// Listens to changes of status; a listener that lags behind misses some.
    pub fn transitions(&self) -> broadcast::Receiver<Arc<Transition>> {
        self.0.engine.events().subscribe()
    }

    /// Returns the last changes of status, the oldest first.
    pub fn last_transitions(&self) -> Vec<Arc<Transition>> {
        self.0.engine.events().kept()
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        let registry = self.0.registry.lock();
        registry.unwrap_or_else(PoisonError::into_inner)
    }

    fn entries_of(&self, component: &str) -> Result<Vec<Arc<Entry>>, UnknownComponent> {
        let plan = self.plan();
        let entries = plan
            .entries
            .iter()
            .filter(|entry| covers(component, entry.path()));
        let entries: Vec<Arc<Entry>> = entries.cloned().collect();
        if entries.is_empty() {
            return Err(UnknownComponent(component.to_owned()));
        }
        Ok(entries)
    }

    fn state_of(&self, entry: &Entry) -> ComponentState {
        let latest = entry.latest();
        let latest = latest.as_deref();
        let stale = entry.stale(self.0.engine.events());
        let shown = stale.as_deref().or(latest);
        ComponentState {
            component: entry.path().to_owned(),
            status: shown.map(|shown| shown.health.status.clone()),
            reason: shown.and_then(Outcome::reason).map(str::to_owned),
            at: latest.map(|latest| latest.at),
            age: latest.map(Outcome::age),
            duration: latest.map(|latest| latest.duration),
        }
    }
}
