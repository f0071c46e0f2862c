//! The settings of the management endpoints.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{
    DEFAULT_BASE_PATH, DEFAULT_DRAIN_GRACE, DEFAULT_HEALTHZ_PATH, Management, assemble, validate,
};
use crate::{
    BuildError, Check, Component, Group, HttpMapper, HttpMapping, RuntimeWatch, SeverityOrder,
    Show, Status, StatusAggregator,
    aggregate::{Aggregation, Severity},
    endpoints::Options,
    engine::{
        DEFAULT_CONCURRENCY, DEFAULT_DETAILS_LIMIT_BYTES, DEFAULT_TRANSITIONS_KEPT, Refresh,
        Settings,
    },
    group::Mapping,
    http_mapping::SharedMapper,
    info::{Info, InfoBuilder},
    probes::Probes,
    trail::DEFAULT_MAX_HOPS,
    version::{IntoVersion, Version},
};

/// Collects the settings of the management endpoints of an application.
#[must_use = "nothing is there until `build` is called"]
pub struct Builder {
    pub(super) name: String,
    pub(super) base_path: String,
    pub(super) healthz_path: String,
    pub(super) has_discovery: bool,
    pub(super) metrics_path: Option<String>,
    pub(super) options: Options,
    pub(super) components: Vec<Component>,
    pub(super) healthz: Vec<(String, Arc<dyn Check>)>,
    pub(super) groups: Vec<Group>,
    pub(super) custom_statuses: Vec<(Status, Severity, StatusCode)>,
    pub(super) aggregation: Aggregation,
    pub(super) mapping: Mapping,
    pub(super) show_components: Show,
    pub(super) show_details: Show,
    pub(super) roles: Vec<String>,
    pub(super) settings: Settings,
    pub(super) disabled: BTreeSet<String>,
    pub(super) has_startup_gate: bool,
    pub(super) has_probe_paths: bool,
    pub(super) probes: Probes,
    pub(super) drain_grace: Duration,
    pub(super) runtime_watch: RuntimeWatch,
    pub(super) transitions_kept: usize,
    pub(super) answer_deadline: Option<Duration>,
    pub(super) concurrency: usize,
    pub(super) details_limit_bytes: usize,
    pub(super) max_hops: usize,
    pub(super) version: Option<Version>,
    pub(super) log_summary_interval: Option<Duration>,
    pub(super) info: InfoBuilder,
}

impl Builder {
    pub(super) fn new(name: String) -> Self {
        Self {
            info: Info::builder(name.clone()),
            name,
            base_path: DEFAULT_BASE_PATH.to_owned(),
            healthz_path: DEFAULT_HEALTHZ_PATH.to_owned(),
            has_discovery: true,
            metrics_path: None,
            options: Options::default(),
            components: Vec::new(),
            healthz: Vec::new(),
            groups: Vec::new(),
            custom_statuses: Vec::new(),
            aggregation: Aggregation::Order(SeverityOrder::default()),
            mapping: Mapping::Table(HttpMapping::new()),
            show_components: Show::Always,
            show_details: Show::Never,
            roles: Vec::new(),
            settings: Settings::default(),
            disabled: BTreeSet::new(),
            has_startup_gate: false,
            has_probe_paths: false,
            probes: Probes::default(),
            drain_grace: DEFAULT_DRAIN_GRACE,
            runtime_watch: RuntimeWatch::default(),
            transitions_kept: DEFAULT_TRANSITIONS_KEPT,
            answer_deadline: None,
            concurrency: DEFAULT_CONCURRENCY,
            details_limit_bytes: DEFAULT_DETAILS_LIMIT_BYTES,
            max_hops: DEFAULT_MAX_HOPS,
            version: None,
            log_summary_interval: None,
        }
    }

    /// Sets what `/version` answers: a text, or a closure, sync or async, that returns a text, a
    /// status code and a text, or a `Result` of these.
    ///
    /// Default: the environment variable [`VERSION_VARIABLE`](crate::VERSION_VARIABLE), else
    /// [`UNKNOWN_VERSION`](crate::UNKNOWN_VERSION). A text is also the version in `/info`.
    pub fn version<Kind>(mut self, version: impl IntoVersion<Kind>) -> Self {
        self.version = Some(version.into_version());
        self
    }

    /// Adds a check that counts on `/health`; for one that counts on readiness, or has settings
    /// of its own, see [`Builder::component`].
    pub fn check(self, name: impl Into<String>, check: impl Check) -> Self {
        self.component(Component::new(name, check))
    }

    /// Adds a component.
    pub fn component(mut self, component: Component) -> Self {
        self.components.push(component);
        self
    }

    /// Adds a group, or changes a predefined one.
    pub fn group(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    /// Adds a named check in the manner of flask-healthz, at `/healthz/{name}`. It is no component:
    /// `/health` does not show it.
    pub fn healthz(mut self, name: impl Into<String>, check: impl Check) -> Self {
        self.healthz.push((name.into(), Arc::new(check)));
        self
    }

    /// Sets the path below which the endpoints are; default [`DEFAULT_BASE_PATH`]. An empty one or
    /// `/` puts them on the root, without discovery page.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = path.into();
        self
    }

    /// Sets the path below which the checks of [`Builder::healthz`] are; default
    /// [`DEFAULT_HEALTHZ_PATH`].
    pub fn healthz_path(mut self, path: impl Into<String>) -> Self {
        self.healthz_path = path.into();
        self
    }

    /// Leaves the discovery page at the base path out.
    pub fn without_discovery(mut self) -> Self {
        self.has_discovery = false;
        self
    }

    /// Says who sees components; default [`Show::Always`].
    pub fn show_components(mut self, show: Show) -> Self {
        self.show_components = show;
        self
    }

    /// Says who sees details; default [`Show::Never`].
    pub fn show_details(mut self, show: Show) -> Self {
        self.show_details = show;
        self
    }

    /// Sets the roles of which one is needed for [`Show::WhenAuthorized`]; default: none is.
    pub fn roles<N: Into<String>>(mut self, roles: impl IntoIterator<Item = N>) -> Self {
        self.roles = roles.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the order of severity, the most severe first; default
    /// [`DEFAULT_STATUS_ORDER`](crate::DEFAULT_STATUS_ORDER).
    pub fn status_order<S: Into<Status>>(mut self, order: impl IntoIterator<Item = S>) -> Self {
        self.aggregation = Aggregation::Order(SeverityOrder::new(order));
        self
    }

    /// Sets how many statuses become one; replaces the order of severity.
    ///
    /// The probes' groups keep an order of severity, unless they have an aggregator of their own:
    /// what passes a failure over is not meant for the kubelet.
    pub fn aggregator(mut self, aggregator: impl StatusAggregator) -> Self {
        self.aggregation = Aggregation::own(aggregator);
        self
    }

    /// Declares a status of one's own, with its severity and HTTP code. One that stands in
    /// [`Builder::status_order`] keeps its place there.
    pub fn custom_status(
        mut self,
        status: impl Into<Status>,
        severity: Severity,
        http: StatusCode,
    ) -> Self {
        self.custom_statuses.push((status.into(), severity, http));
        self
    }

    /// Sets HTTP codes; a status that the table does not name keeps its default.
    ///
    /// The probes' groups keep the codes of the built-in statuses, unless they set others.
    pub fn http_mapping(mut self, table: HttpMapping) -> Self {
        self.mapping = Mapping::Table(table);
        self
    }

    /// Sets how a status becomes an HTTP code, for every status, except in the probes' groups, which
    /// keep the defaults unless they have a mapping of their own.
    pub fn http_mapper(mut self, mapper: impl HttpMapper) -> Self {
        self.mapping = Mapping::Mapper(SharedMapper(Arc::new(mapper)));
        self
    }

    /// Sets the longest wait for one check; default
    /// [`DEFAULT_DEADLINE`](crate::DEFAULT_DEADLINE).
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// Sets for how long a result answers further questions; default
    /// [`DEFAULT_TTL`](crate::DEFAULT_TTL).
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.settings.ttl = ttl;
        self
    }

    /// Runs all checks in the background, unless a component says otherwise; default: on request.
    ///
    /// Probes are then answered at once from the last results. The task that starts them runs on
    /// the runtime on which `build` is called or, if that is none, on which the first question
    /// comes; it ends when the last handle is dropped.
    pub fn background(mut self, refresh: Refresh) -> Self {
        self.settings.refresh = Some(refresh);
        self
    }

    /// Sets the failures in a row that make a component fail; see
    /// [`Component::failure_threshold`].
    pub fn failure_threshold(mut self, failures: u32) -> Self {
        self.settings.failure_threshold = failures;
        self
    }

    /// Sets the successes in a row that end a failure; see [`Component::success_threshold`].
    pub fn success_threshold(mut self, successes: u32) -> Self {
        self.settings.success_threshold = successes;
        self
    }

    /// Disables a check, with all that is below it: it is shown as UNKNOWN and `disabled`, and never
    /// run. So does the environment variable
    /// [`DISABLED_CHECKS_VARIABLE`](crate::DISABLED_CHECKS_VARIABLE).
    pub fn disable(mut self, component: impl Into<String>) -> Self {
        self.disabled.insert(component.into());
        self
    }

    /// Refuses readiness and the startup probe until
    /// [`Availability::set_started`](crate::Availability::set_started) is called.
    pub fn startup_gate(mut self) -> Self {
        self.has_startup_gate = true;
        self
    }

    /// Answers for the probes' groups at `/livez`, `/readyz` and `/startupz` as well, on the root of
    /// the application; a group's own additional path wins.
    pub fn probe_paths(mut self) -> Self {
        self.has_probe_paths = true;
        self
    }

    /// Says by which probes the deployment asks, so that [`Management::lint`] can find timings that
    /// do not fit and [`Management::kubernetes_probes`] can write them down.
    pub fn probes(mut self, probes: Probes) -> Self {
        self.probes = probes;
        self
    }

    /// Sets how the application's runtime is watched, where it is; see
    /// [`Management::watch_runtime`].
    pub fn runtime_watch(mut self, watch: RuntimeWatch) -> Self {
        self.runtime_watch = watch;
        self
    }

    /// Sets for how long the application goes on serving after it has begun to refuse readiness;
    /// default [`DEFAULT_DRAIN_GRACE`]. See [`Management::drain`].
    pub fn drain_grace(mut self, grace: Duration) -> Self {
        self.drain_grace = grace;
        self
    }

    /// Sets how many changes of status are kept; default
    /// [`DEFAULT_TRANSITIONS_KEPT`](crate::DEFAULT_TRANSITIONS_KEPT).
    pub fn transitions_kept(mut self, transitions: usize) -> Self {
        self.transitions_kept = transitions;
        self
    }

    /// Sets the longest wait for a whole answer; what has no result by then is DOWN in it. Default:
    /// the longest deadline of its checks and
    /// [`DEFAULT_ANSWER_MARGIN`](crate::DEFAULT_ANSWER_MARGIN).
    pub fn answer_deadline(mut self, deadline: Duration) -> Self {
        self.answer_deadline = Some(deadline);
        self
    }

    /// Sets how many checks run at once, at least 1; default [`DEFAULT_CONCURRENCY`].
    pub fn concurrency(mut self, checks: usize) -> Self {
        self.concurrency = checks;
        self
    }

    /// Sets the largest size of what one check may report; default
    /// [`DEFAULT_DETAILS_LIMIT_BYTES`].
    pub fn details_limit_bytes(mut self, bytes: usize) -> Self {
        self.details_limit_bytes = bytes;
        self
    }

    /// Sets over how many applications a question may have come before service dependencies are
    /// left out of the answer; default [`DEFAULT_MAX_HOPS`](crate::DEFAULT_MAX_HOPS).
    pub fn max_hops(mut self, hops: usize) -> Self {
        self.max_hops = hops;
        self
    }

    /// Logs at most once in this time how many successful probes the access log left out; default:
    /// never. See [`Management::no_log`].
    pub fn log_summary_interval(mut self, interval: Duration) -> Self {
        self.log_summary_interval = Some(interval);
        self
    }

    /// Changes what `/info` shows.
    pub fn info(mut self, change: impl FnOnce(InfoBuilder) -> InfoBuilder) -> Self {
        self.info = change(self.info);
        self
    }

    /// Checks all settings and makes the endpoints.
    ///
    /// # Errors
    /// Lists every problem of the settings at once.
    pub fn build(self) -> Result<Management, BuildError> {
        validate::problems(&self).into_result()?;
        Ok(assemble::management(self))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
