//! Checks of what the environment says is integrated.

mod info;
mod kinds;
mod missing;
mod planned;
mod timing;
mod unreadable;

use std::{collections::BTreeSet, fmt};

use health_core::{Builder, Check, Component, Health};

use self::planned::Planned;
pub use self::{
    missing::MissingIntegrations,
    timing::{SAML_CHECK_INTERVAL, SERVER_CHECK_DEADLINE, SERVER_CHECK_INTERVAL},
};
use super::{Environment, Kind};

/// The name of the component that holds readiness while an integration is missing.
pub const MISSING_INTEGRATIONS_NAME: &str = "integrations";

/// Registers a check for each integration that the environment names.
///
/// Names are those of [`Integration::check_name`](super::Integration::check_name). Each counts on
/// `/health`, none on liveness, and on readiness those of [`required`](Self::required) and
/// [`readiness`](Self::readiness). The receiver of traces never fails the whole. An integration
/// that is there and cannot be read is DOWN and names the variable. The feature of the check has to
/// be on: without `postgres`, for instance, PostgreSQL is UNKNOWN; `platform-all` has all.
///
/// Databases, caches and brokers are asked when somebody asks, over one connection each that is
/// kept. Of several hosts one has to answer, and each is told. What is asked over a new connection
/// (mail, traces, identity providers) is asked in the background, each
/// [`SERVER_CHECK_INTERVAL`] or [`SAML_CHECK_INTERVAL`], with the deadline
/// [`SERVER_CHECK_DEADLINE`]; until each of them was asked once, readiness is OUT_OF_SERVICE.
/// Buckets, OpenFGA and the metadata of an identity provider are asked through the platform's
/// proxies. An identity provider is [`DEGRADED`](health_core::Status::DEGRADED) when its certificate
/// has less than 14 days left or is not the one that the application was told of, and DOWN when
/// sign-on fails already.
///
/// `/info` gets `integrations`, `options`, `problems` and `ignored`: what was recognized, what could
/// not be read, and which variables have no effect, without secrets.
///
/// ```
/// use health_checks::platform::{Environment, Kind, PlatformChecks};
/// use health_core::Management;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let environment = Environment::from_pairs([("REDIS_DB_CONNECT_STRING", "redis://cache")]);
/// # #[cfg(any())]
/// let environment = Environment::from_process();
/// let checks = PlatformChecks::new(&environment).readiness([Kind::Redis]);
/// assert_eq!(checks.names(), ["redis"]);
/// let management = checks.add_to(Management::builder("orders"))?.build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is checked until it is added to a builder"]
pub struct PlatformChecks {
    environment: Environment,
    planned: Vec<Planned>,
    required: BTreeSet<Kind>,
    readiness: BTreeSet<Kind>,
    holds_readiness: bool,
}

impl PlatformChecks {
    /// Makes a check for each integration; nothing is connected to yet.
    pub fn new(environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            planned: planned::of(environment),
            required: BTreeSet::new(),
            readiness: BTreeSet::new(),
            holds_readiness: false,
        }
    }

    /// Requires integrations: without one of them there is no start (see
    /// [`hold_readiness`](Self::hold_readiness)), and their checks count on readiness.
    pub fn required(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.required.extend(kinds);
        self
    }

    /// Counts the checks of these kinds on readiness where they are integrated.
    pub fn readiness(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.readiness.extend(kinds);
        self
    }

    /// Starts although a required integration is missing, and holds readiness: the component
    /// [`MISSING_INTEGRATIONS_NAME`] is OUT_OF_SERVICE and says which.
    pub fn hold_readiness(mut self) -> Self {
        self.holds_readiness = true;
        self
    }

    /// Takes a check of the application's own, over its pool or its client, in the place of ours of
    /// that name; it runs when ours would. Where nothing of the name is integrated, it has no
    /// effect.
    pub fn check(mut self, name: impl Into<String>, check: impl Check) -> Self {
        let name = name.into();
        if let Some(planned) = self.planned.iter_mut().find(|planned| planned.name == name) {
            planned.replace(check);
        }
        self
    }

    /// Returns the names of the checks that are registered.
    pub fn names(&self) -> Vec<String> {
        let planned = self.planned.iter().map(|planned| planned.name.clone());
        let is_held = self.holds_readiness && self.missing().is_some();
        let held = is_held.then(|| MISSING_INTEGRATIONS_NAME.to_owned());
        planned.chain(held).collect()
    }

    /// Adds the checks and what `/info` says of them.
    ///
    /// # Errors
    /// Fails when a required integration is missing, or when its check is not built in, unless
    /// readiness is held instead.
    pub fn add_to(self, mut builder: Builder) -> Result<Builder, MissingIntegrations> {
        match self.missing() {
            Some(missing) if self.holds_readiness => builder = builder.component(held(&missing)),
            Some(missing) => return Err(missing),
            None => {}
        }
        for planned in self.planned {
            let kind = planned.kind;
            let counts = self.required.contains(&kind) || self.readiness.contains(&kind);
            let component = planned.component();
            builder = builder.component(if counts {
                component.readiness()
            } else {
                component
            });
        }
        Ok(builder.info(|info| info::add(&self.environment, info)))
    }

    fn missing(&self) -> Option<MissingIntegrations> {
        let is_there = |kind: &Kind| {
            let is_planned = self.planned.iter().any(|planned| planned.kind == *kind);
            is_planned || self.environment.integration(*kind).is_some()
        };
        let missing = self.required.iter().copied();
        let missing = missing.filter(|kind| !is_there(kind)).collect();
        let required = self.planned.iter();
        let required = required.filter(|planned| self.required.contains(&planned.kind));
        let not_built = required.filter_map(|planned| Some((planned.kind, planned.lacks?)));
        MissingIntegrations::new(missing, not_built.collect())
    }
}

/// Shows the names of the checks and no setting.
impl fmt::Debug for PlatformChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlatformChecks")
            .field("names", &self.names())
            .field("required", &self.required)
            .field("readiness", &self.readiness)
            .field("holds_readiness", &self.holds_readiness)
            .finish_non_exhaustive()
    }
}

fn held(missing: &MissingIntegrations) -> Component {
    let reason = missing.to_string();
    let check = move || {
        let health = Health::out_of_service().description(reason.clone());
        let health = health.detail("error", reason.clone());
        async move { health }
    };
    Component::new(MISSING_INTEGRATIONS_NAME, check).readiness()
}

#[cfg(test)]
mod tests;
