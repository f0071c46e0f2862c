//! One check that will be registered.

use std::{collections::BTreeSet, sync::Arc};

use health_core::{Check, Component, Health};

use super::{
    kinds::{self, Made, NotMade},
    timing,
    unreadable::{self, Unreadable},
};
use crate::platform::{Environment, Kind, check_names};

/// A check with its name.
pub(super) struct Planned {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The feature without which there is no check.
    pub(super) lacks: Option<&'static str>,
    check: Arc<dyn Check>,
}

/// Plans a check for each integration, also for those that could not be read.
pub(super) fn of(environment: &Environment) -> Vec<Planned> {
    let read = environment.integrations().iter();
    let read = read.filter_map(|integration| {
        let name = integration.check_name()?.to_owned();
        let made = kinds::make(integration.service(), environment.proxies());
        let kind = integration.kind();
        Some(Planned::new(kind, name, made, integration.variable()))
    });
    let mut planned: Vec<_> = read.collect();
    let mut taken: BTreeSet<_> = planned.iter().map(|planned| planned.name.clone()).collect();
    for (kind, name, reason) in unreadable::of(environment) {
        let name = check_names::unique(&name, &mut taken);
        planned.push(Planned::down(kind, name, reason));
    }
    planned
}

impl Planned {
    /// Plans what was made, or says why it was not; `variable` says where the service is.
    pub(super) fn new(kind: Kind, name: String, made: Made, variable: &str) -> Self {
        match made {
            Ok(check) => Self {
                kind,
                name,
                lacks: None,
                check,
            },
            Err(NotMade::Without(feature)) => Self {
                kind,
                name,
                lacks: Some(feature),
                check: Arc::new(not_built(feature)),
            },
            Err(NotMade::Setting(of, error)) => {
                let reason = format!("{}: {error}", of.unwrap_or(variable));
                Self::down(kind, name, reason)
            }
        }
    }

    fn down(kind: Kind, name: String, reason: String) -> Self {
        Self {
            kind,
            name,
            lacks: None,
            check: Arc::new(Unreadable(reason)),
        }
    }

    /// Takes another check.
    pub(super) fn replace(&mut self, check: impl Check) {
        self.check = Arc::new(check);
        self.lacks = None;
    }

    /// Makes the component. Traces get lost without their receiver, and nothing else fails.
    pub(super) fn component(self) -> Component {
        let component = timing::set(self.kind, Component::new(self.name, self.check));
        match self.kind {
            Kind::Tracing => component.non_critical(),
            _ => component,
        }
    }
}

fn not_built(feature: &'static str) -> impl Check {
    move || async move {
        let error = format!("health-checks is built without the feature `{feature}`");
        Health::unknown().detail("error", error)
    }
}
