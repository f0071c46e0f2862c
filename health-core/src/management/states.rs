//! The components that are there without a check.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use crate::{
    Availability, Health, LivenessState, Status,
    component::ShownOn,
    engine::{Entry, Schedule, Settings, Source},
    heartbeat::Heartbeat,
    plan::Node,
};

/// The component that is UP whenever the endpoint answers.
pub(crate) const PING: &str = "ping";
/// The component that shows the [`LivenessState`].
pub(crate) const LIVENESS_STATE: &str = "livenessState";
/// The component that shows the [`ReadinessState`](crate::ReadinessState).
pub(crate) const READINESS_STATE: &str = "readinessState";
/// The component that shows whether the application has started; on the startup group only.
pub(crate) const STARTUP_STATE: &str = "startupState";

/// The detail of [`LIVENESS_STATE`] that shows by how much the timers of the application's runtime
/// are late, in milliseconds.
const RUNTIME_LAG: &str = "runtimeLagMs";

pub(super) const OWN_NAMES: [&str; 4] = [PING, LIVENESS_STATE, READINESS_STATE, STARTUP_STATE];

type State = Box<dyn Fn() -> Health + Send + Sync>;

pub(super) fn nodes(
    availability: &Availability,
    heartbeat: &Arc<Heartbeat>,
    shows_lag: bool,
    schedule: &Arc<Schedule>,
) -> BTreeMap<String, (Node, ShownOn)> {
    let on_health = ShownOn {
        health: true,
        readiness: false,
    };
    let starting = Starting {
        availability: availability.clone(),
        schedule: Arc::downgrade(schedule),
    };
    let states: [(&str, ShownOn, State); 4] = [
        (PING, on_health, Box::new(Health::up)),
        (
            LIVENESS_STATE,
            on_health,
            liveness(availability.clone(), Arc::clone(heartbeat), shows_lag),
        ),
        (READINESS_STATE, on_health, readiness(starting.clone())),
        (
            STARTUP_STATE,
            ShownOn {
                health: false,
                readiness: false,
            },
            startup(starting),
        ),
    ];
    let nodes = states.map(|(name, shown, state)| {
        let entry = Entry::new(name.to_owned(), Source::State(state), Settings::default());
        (name.to_owned(), (Node::of(entry), shown))
    });
    nodes.into()
}

fn liveness(availability: Availability, heartbeat: Arc<Heartbeat>, shows_lag: bool) -> State {
    Box::new(move || {
        let wedged_for = heartbeat.wedged_for();
        let health = match (availability.liveness(), wedged_for) {
            (LivenessState::Correct, None) => Health::up(),
            (LivenessState::Correct, Some(time)) => Health::down().description(format!(
                "the application's runtime has not run for {} ms",
                time.as_millis()
            )),
            (LivenessState::Broken, _) => Health::down(),
        };
        match heartbeat.lag().filter(|_| shows_lag) {
            Some(lag) => health.detail(
                RUNTIME_LAG,
                u64::try_from(lag.as_millis()).unwrap_or(u64::MAX),
            ),
            None => health,
        }
    })
}

fn readiness(starting: Starting) -> State {
    Box::new(move || {
        if starting.is_over() {
            let availability = &starting.availability;
            let health = Health::new(Status::from(availability.readiness()));
            return if availability.is_draining() {
                health.description("draining")
            } else {
                health
            };
        }
        starting.health()
    })
}

fn startup(starting: Starting) -> State {
    Box::new(move || {
        if starting.is_over() {
            Health::up()
        } else {
            starting.health()
        }
    })
}

/// Tells when the start is over: the application says so and each check in the background has run.
#[derive(Clone)]
struct Starting {
    availability: Availability,
    schedule: Weak<Schedule>,
}

impl Starting {
    fn is_over(&self) -> bool {
        let has_run_once = self
            .schedule
            .upgrade()
            .is_none_or(|schedule| schedule.has_run_once());
        has_run_once && self.availability.has_started()
    }

    fn health(&self) -> Health {
        Health::out_of_service().description("starting")
    }
}
