//! Status changes: logged, kept, and told to whoever listens, never under a lock.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use tokio::sync::{broadcast, watch};

use super::{Outcome, run::shortened};
use crate::Status;

/// How many transitions are kept, and how many a slow listener may lag behind before it misses
/// some: an hour of one component that flaps every ten seconds, at some 30 kB.
/// Set by [`Builder::transitions_kept`](crate::Builder::transitions_kept).
pub const DEFAULT_TRANSITIONS_KEPT: usize = 360;

/// How far a listener may lag behind at the most: the room for it is taken at once.
const MAX_LAG: usize = 1 << 16;

/// How much of a reason is kept, in bytes: what fails in a long way fails often, and each time it is
/// kept and logged.
const MAX_REASON_BYTES: usize = 1024;

/// Says that the status of a component changed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition {
    /// The path of the component, such as `db` or `pair/one`.
    pub component: String,
    /// The group in which it changed, where the check asks something else for that group, as a
    /// service dependency does.
    pub group: Option<String>,
    /// The status before; nothing, if this is the first result.
    pub from: Option<Status>,
    /// The status now.
    pub to: Status,
    /// Why, where the check said so; the first 1024 bytes of it.
    pub reason: Option<String>,
    /// When.
    pub at: SystemTime,
}

impl Transition {
    pub(super) fn between(
        component: &str,
        group: Option<&str>,
        from: Option<Status>,
        to: &Outcome,
    ) -> Option<Self> {
        if from.as_ref() == Some(&to.health.status) {
            return None;
        }
        Some(Self {
            component: component.to_owned(),
            group: group.map(str::to_owned),
            from,
            to: to.health.status.clone(),
            reason: to
                .reason()
                .map(|reason| shortened(reason, MAX_REASON_BYTES).to_owned()),
            at: to.at,
        })
    }

    /// Logs one line, at a level by severity. That a check succeeds at its first run is no news.
    fn log(&self) {
        let Self { component, to, .. } = self;
        let group = self.group.as_deref();
        let from = self.from.as_ref().map_or("nothing", Status::code);
        let reason = self.reason.as_deref().unwrap_or("not said");
        match (&self.from, to) {
            (None, to) if *to == Status::UP => {
                tracing::debug!(component, group, "UP at its first run")
            }
            (_, to) if *to == Status::UP => tracing::info!(component, group, from, "is UP again"),
            (_, to) if *to == Status::DOWN => {
                tracing::error!(component, group, from, reason, "is DOWN")
            }
            (_, to) => tracing::warn!(component, group, from, reason, "is {to}"),
        }
    }
}

/// Keeps the last transitions and tells listeners.
#[derive(Debug)]
pub(crate) struct Events {
    kept: Mutex<VecDeque<Arc<Transition>>>,
    limit: usize,
    stream: broadcast::Sender<Arc<Transition>>,
    version: watch::Sender<u64>,
}

impl Events {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            kept: Mutex::default(),
            limit,
            stream: broadcast::Sender::new(limit.clamp(1, MAX_LAG)),
            version: watch::Sender::new(0),
        }
    }

    pub(crate) fn publish(&self, transition: Transition) {
        transition.log();
        let transition = Arc::new(transition);
        {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= self.limit {
                kept.pop_front();
            }
            if self.limit > 0 {
                kept.push_back(Arc::clone(&transition));
            }
        }
        _ = self.stream.send(transition);
        self.version.send_modify(|version| *version += 1);
    }

    pub(crate) fn kept(&self) -> Vec<Arc<Transition>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<Transition>> {
        self.stream.subscribe()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}
