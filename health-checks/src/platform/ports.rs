//! Where the application listens, and where its metrics are asked for.

use super::{Environment, Ignored, leftover::is_service_link, reading::Reading};

/// The port by the names that frameworks of the platform give it, which have no prefix: the second
/// line of the platform's library and Express, FastAPI, Spring Boot.
const BARE_PORTS: [&str; 3] = ["PORT", "UVICORN_PORT", "SERVER_PORT"];

const METRICS_PORT: &str = "METRICS_PORT";
const METRICS_PATH: &str = "METRICS_PATH";

/// What Spring Boot calls the port of metrics.
const MANAGEMENT_PORT: &str = "MANAGEMENT_SERVER_PORT";

impl Environment {
    /// Returns the port that the application has to listen on: `APP_PORT`, else `PORT`,
    /// `UVICORN_PORT` or `SERVER_PORT`.
    pub fn port(&self) -> Option<u16> {
        self.found.ports.port
    }

    /// Returns the port where metrics are asked for: `METRICS_PORT`, with the application's prefix
    /// or without one, as its port is, else `MANAGEMENT_SERVER_PORT`.
    pub fn metrics_port(&self) -> Option<u16> {
        self.found.ports.metrics_port
    }

    /// Returns the path where metrics are asked for, by the same rule.
    pub fn metrics_path(&self) -> Option<&str> {
        self.found.ports.metrics_path.as_deref()
    }
}

/// Holds ports and path; what the variables do not say is `None`.
#[derive(Clone, Debug, Default)]
pub(super) struct Ports {
    pub(super) port: Option<u16>,
    pub(super) metrics_port: Option<u16>,
    pub(super) metrics_path: Option<String>,
}

pub(super) fn read(reading: &mut Reading<'_>, prefix: &str) -> Ports {
    let own = format!("{prefix}PORT");
    let bare = BARE_PORTS.map(str::to_owned).into_iter();
    let port = first(reading, std::iter::once(own.clone()).chain(bare).collect());
    // Where the port has no prefix, what says with one where the metrics are is an option without
    // effect: scrapers follow the variables that have none, too.
    let is_bare = port.as_ref().is_some_and(|name| *name != own);
    let with_own = |bare: &[&str], name: &str| {
        let mut names: Vec<String> = bare.iter().map(|name| (*name).to_owned()).collect();
        let at = if is_bare { names.len() } else { 0 };
        names.insert(at, format!("{prefix}{name}"));
        names
    };
    let metrics_port = first(
        reading,
        with_own(&[METRICS_PORT, MANAGEMENT_PORT], METRICS_PORT),
    );
    let metrics_path = first(reading, with_own(&[METRICS_PATH], METRICS_PATH));
    let mut number = |name: Option<String>| reading.port(&name?).ok().flatten();
    Ports {
        port: number(port),
        metrics_port: number(metrics_port),
        metrics_path: metrics_path.and_then(|name| reading.string(&name)),
    }
}

/// Tells whether a variable is set by somebody who means a port, and not by Kubernetes for a service
/// that is called `app` or `metrics`.
fn is_set(reading: &Reading<'_>, name: &str) -> bool {
    let text = reading.variables.get(name);
    text.is_some_and(|text| !is_service_link(&format!("_{name}"), text))
}

/// Returns the first of the variables that is set; others that say something else are reported as
/// ignored.
fn first(reading: &mut Reading<'_>, names: Vec<String>) -> Option<String> {
    let mut set = names.into_iter().filter(|name| is_set(reading, name));
    let first = set.next()?;
    let others: Vec<String> = set.collect();
    for other in others {
        reading.mark_used(&other);
        if reading.variables.get(&other) != reading.variables.get(&first) {
            let reason = format!("{first} says something else, and counts");
            reading.ignored.push(Ignored::new(other, reason));
        }
    }
    Some(first)
}
