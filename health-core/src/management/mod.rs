//! The handle to the management endpoints of one application.

mod assemble;
mod builder;
mod changes;
mod formats;
mod registry;
mod states;
mod statuses;
mod validate;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use self::registry::Registry;
pub(crate) use self::states::PING;
pub use self::{
    assemble::DISABLED_CHECKS_VARIABLE,
    builder::Builder,
    changes::{ComponentState, Evidence, UnknownComponent},
    validate::{MAX_DURATION, MAX_NAME_CHARACTERS},
};
use crate::{
    Availability, Status,
    endpoints::prepared::Prepared,
    endpoints::{OWN_PATHS, Options},
    engine::{Engine, Entry},
    group::{AdditionalPath, Server},
    heartbeat::{Heartbeat, Outside},
    http_metrics::HttpMetrics,
    info::Info,
    no_log::NoLog,
    plan::GroupPlan,
    probes::Probes,
    version::Version,
};

/// The path below which the endpoints are, unless [`Builder::base_path`] says another.
pub const DEFAULT_BASE_PATH: &str = "/z";

/// The path below which the named checks of [`Builder::healthz`] are, unless
/// [`Builder::healthz_path`] says another.
pub const DEFAULT_HEALTHZ_PATH: &str = "/healthz";

/// How long an application goes on serving after it has begun to refuse readiness: one period of a
/// Kubernetes probe, so that each asker hears the refusal before the door closes.
pub const DEFAULT_DRAIN_GRACE: Duration = Duration::from_secs(10);

/// Answers the management endpoints of one application; cheap to clone.
///
/// Adapters mount it; when the last clone is dropped, the checks under way are stopped.
#[derive(Clone)]
pub struct Management(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Engine,
    pub(crate) registry: Mutex<Registry>,
    pub(crate) plan: RwLock<Arc<Plan>>,
    pub(crate) availability: Availability,
    pub(crate) heartbeat: Arc<Heartbeat>,
    pub(crate) outside: Outside,
    pub(crate) version: Version,
    pub(crate) info: Info,
    pub(crate) paths: Paths,
    pub(crate) options: Options,
    /// The statuses that have a meaning: built-in, ranked or declared.
    pub(crate) statuses: Vec<Status>,
    pub(crate) no_log: NoLog,
    pub(crate) http_metrics: HttpMetrics,
    pub(crate) probes: Probes,
    pub(crate) drain_grace: Duration,
    pub(crate) healthz: BTreeMap<String, Arc<Entry>>,
}

/// All that can be asked at one moment.
pub(crate) struct Plan {
    pub(crate) primary: GroupPlan,
    pub(crate) groups: BTreeMap<String, GroupPlan>,
    pub(crate) prepared: Prepared,
    pub(crate) entries: Vec<Arc<Entry>>,
}

pub(crate) struct Paths {
    /// Empty, or starts with a slash and ends without one.
    pub(crate) base: String,
    pub(crate) healthz: String,
    /// The additional paths of groups, by the names of the groups. Not part of the plan, because they
    /// never change and every request of the application is compared with them.
    pub(crate) additional: BTreeMap<String, AdditionalPath>,
    pub(crate) has_discovery: bool,
    /// Where the metrics are on the root of each server, beside their place below the base.
    pub(crate) metrics: Option<String>,
}

impl Management {
    /// Starts to build the endpoints of an application.
    ///
    /// The name stands in `/info`, and other applications see in it that a question came round in
    /// a loop: all replicas of an application share it, no two applications do.
    pub fn builder(name: impl Into<String>) -> Builder {
        Builder::new(name.into())
    }

    /// Returns the name of the application.
    pub fn name(&self) -> &str {
        self.0.engine.name()
    }

    /// Returns the path below which the endpoints are: empty, or with a slash in front only.
    pub fn base_path(&self) -> &str {
        &self.0.paths.base
    }

    /// Returns the handle by which the application declares its own state.
    pub fn availability(&self) -> &Availability {
        &self.0.availability
    }

    /// Prepares the end: readiness is refused from now on, and this returns when the grace period
    /// is over and the server may be stopped. Meanwhile everything is served, and liveness stays.
    ///
    /// Without the wait nobody would see the refusal: a load balancer has to ask once more first.
    /// The grace period is that of [`Builder::drain_grace`].
    pub async fn drain(&self) {
        let grace = self.0.drain_grace;
        tracing::info!(
            grace_seconds = grace.as_secs(),
            "draining: readiness is refused from now on"
        );
        self.0.availability.drain();
        tokio::time::sleep(grace).await;
    }

    /// Takes what is asked from now on, stops what is not asked any more, and returns that: the
    /// application's own checks go with it, so it is not to be dropped under a lock.
    fn replace_plan(&self, plan: Plan) -> Arc<Plan> {
        let mut current = self.0.plan.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *current, Arc::new(plan));
        let after = Arc::clone(&current);
        drop(current);
        let is_kept =
            |entry: &&Arc<Entry>| after.entries.iter().any(|kept| Arc::ptr_eq(kept, entry));
        for gone in before.entries.iter().filter(|entry| !is_kept(entry)) {
            gone.abort();
        }
        self.refresh_plan_entries();
        before
    }

    fn refresh_plan_entries(&self) {
        let schedule = self.0.engine.schedule();
        let healthz = self.0.healthz.values().cloned();
        schedule.set(self.plan().entries.iter().cloned().chain(healthz));
        schedule.keep_running();
    }

    pub(crate) fn plan(&self) -> Arc<Plan> {
        let plan = self.0.plan.read();
        Arc::clone(&plan.unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns what an adapter has to route here on a server, exact paths first.
    pub fn routes(&self, server: Server) -> Vec<Route> {
        let base = self.base_path();
        let mut routes = match base {
            "" => OWN_PATHS
                .iter()
                .filter(|path| self.has_endpoint(path))
                .map(|path| Route::exact(path))
                .collect(),
            base => vec![Route::exact(base)],
        };
        let additional = self.0.paths.additional.values();
        let additional = additional.filter(|path| path.server == server);
        routes.extend(additional.map(|path| Route::exact(&format!("/{}", path.segment))));
        routes.extend(self.0.paths.metrics.as_deref().map(Route::exact));
        routes.push(match base {
            "" => Route::below("/health"),
            base => Route::below(base),
        });
        if !self.0.healthz.is_empty() {
            routes.push(Route::below(&self.0.paths.healthz));
        }
        routes
    }
}

impl fmt::Debug for Management {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Management")
            .field("name", &self.name())
            .field("base_path", &self.base_path())
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let plan = self.plan.get_mut().unwrap_or_else(PoisonError::into_inner);
        for entry in plan.entries.iter().chain(self.healthz.values()) {
            entry.abort();
        }
    }
}

/// Names what an adapter routes to the endpoints. Paths hold no character that has a meaning in
/// the route syntax of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// This path and no other.
    Exact(String),
    /// Every path that starts with this one, which ends in a slash, and the path itself.
    Below(String),
}

impl Route {
    fn exact(path: &str) -> Self {
        Self::Exact(path.to_owned())
    }

    fn below(path: &str) -> Self {
        Self::Below(format!("{path}/"))
    }
}
