//! The body of `application/health+json`.
//!
//! Source: draft-inadarei-api-health-check-06, the last state of an Internet-Draft that never became
//! a standard. Where it leaves a choice: each check stands as `{component}:status`, with the status
//! code, which says more than the three words of the draft, as the observed value; where timings are
//! shown it stands as `{component}:responseTime` too. The draft means by `description` that of a
//! service; here it is that of the status, as in Spring's body.

use std::time::SystemTime;

use http::StatusCode;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    Health, Management, Status,
    engine::Outcome,
    http_mapping::SharedMapper,
    info::rfc3339,
    report::{Content, Report},
    visibility::Shown,
    wire::{Entries, to_json},
};

/// What the body says of the application.
pub(super) struct About {
    name: String,
    version: Option<String>,
}

impl About {
    pub(super) fn of(management: &Management) -> Self {
        let version = management.0.version.fixed();
        Self {
            name: management.name().to_owned(),
            version: version.map(str::to_owned),
        }
    }
}

/// What decides how a body is written.
pub(super) struct Style<'a> {
    pub(super) about: &'a About,
    pub(super) shown: Shown,
    pub(super) mapper: &'a SharedMapper,
    pub(super) shows_times: bool,
    pub(super) shows_timings: bool,
}

pub(super) fn body(report: &Report, style: &Style<'_>) -> Vec<u8> {
    to_json(&Root { report, style })
}

/// Says in the draft's words what a status means. The draft ties them to the HTTP code: `pass` and
/// `warn` go with a success, `fail` never does.
fn word(status: &Status, code: StatusCode) -> &'static str {
    match code.is_success() || code.is_redirection() {
        true if *status == Status::UP => "pass",
        true => "warn",
        false => "fail",
    }
}

impl Style<'_> {
    fn word(&self, status: &Status) -> &'static str {
        word(status, self.mapper.http_code(status))
    }

    /// Returns why something does not pass, for those who see details.
    fn output<'a>(&self, health: &'a Health) -> Option<&'a str> {
        let is_shown = self.shown.details && self.word(&health.status) != "pass";
        health.reason().filter(|_| is_shown)
    }
}

struct Root<'a> {
    report: &'a Report,
    style: &'a Style<'a>,
}

impl Serialize for Root<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { report, style } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("status", style.word(&report.status))?;
        if let Some(version) = &style.about.version {
            map.serialize_entry("version", version)?;
        }
        map.serialize_entry("serviceId", &style.about.name)?;
        if let Some(description) = &report.description {
            map.serialize_entry("description", description)?;
        }
        if let Content::Leaf(outcome) = &report.content
            && let Some(output) = style.output(&outcome.health)
        {
            map.serialize_entry("output", output)?;
        }
        let checks = checks(report, style);
        if !checks.is_empty() {
            let checks = Entries(|| checks.iter().map(|check| (check.key(), [check])));
            map.serialize_entry("checks", &checks)?;
        }
        map.end()
    }
}

/// One measurement of one component.
struct Reading<'a> {
    style: &'a Style<'a>,
    component: String,
    health: &'a Health,
    at: SystemTime,
    /// In milliseconds; nothing for the reading that observes the status.
    response_time: Option<f64>,
}

/// Collects the readings of all that is shown below a node, in the order of the tree.
fn checks<'a>(report: &'a Report, style: &'a Style<'a>) -> Vec<Reading<'a>> {
    let mut checks = Vec::new();
    if style.shown.components {
        match &report.content {
            Content::Composite(_) => collect(report, String::new(), style, &mut checks),
            Content::Leaf(outcome) => {
                collect_reported(&outcome.health, "", outcome.at, style, &mut checks)
            }
        }
    }
    checks
}

fn collect<'a>(
    report: &'a Report,
    path: String,
    style: &'a Style<'a>,
    checks: &mut Vec<Reading<'a>>,
) {
    match &report.content {
        Content::Composite(children) => {
            for (name, child) in children {
                collect(child, below(&path, name), style, checks);
            }
        }
        Content::Leaf(outcome) => {
            let Outcome {
                health,
                at,
                duration,
                ..
            } = outcome.as_ref();
            let status = Reading {
                style,
                component: path.clone(),
                health,
                at: *at,
                response_time: None,
            };
            checks.push(status);
            if style.shows_timings && style.shown.details {
                let response_time = Some(super::timings::milliseconds(*duration));
                checks.push(Reading {
                    style,
                    component: path.clone(),
                    health,
                    at: *at,
                    response_time,
                });
            }
            collect_reported(health, &path, *at, style, checks);
        }
    }
}

/// Collects the components that a check reported itself, which are as old as its run.
fn collect_reported<'a>(
    health: &'a Health,
    path: &str,
    at: SystemTime,
    style: &'a Style<'a>,
    checks: &mut Vec<Reading<'a>>,
) {
    for (name, health) in &health.components {
        let component = below(path, name);
        checks.push(Reading {
            style,
            component: component.clone(),
            health,
            at,
            response_time: None,
        });
        collect_reported(health, &component, at, style, checks);
    }
}

/// Makes the path of a component, in which what separates names and measurements is escaped within
/// a name: no two components share a key.
fn below(path: &str, name: &str) -> String {
    let name = name
        .replace('%', "%25")
        .replace('/', "%2F")
        .replace(':', "%3A");
    if path.is_empty() {
        name
    } else {
        format!("{path}/{name}")
    }
}

impl Reading<'_> {
    fn key(&self) -> String {
        let measurement = if self.response_time.is_some() {
            "responseTime"
        } else {
            "status"
        };
        format!("{}:{measurement}", self.component)
    }
}

impl Serialize for Reading<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            style,
            component,
            health,
            at,
            response_time,
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("componentId", component)?;
        map.serialize_entry("componentType", "component")?;
        match response_time {
            Some(milliseconds) => {
                map.serialize_entry("observedValue", milliseconds)?;
                map.serialize_entry("observedUnit", "ms")?;
            }
            None => map.serialize_entry("observedValue", health.status.code())?,
        }
        map.serialize_entry("status", style.word(&health.status))?;
        if let Some(description) = &health.description {
            map.serialize_entry("description", description)?;
        }
        if style.shows_times {
            map.serialize_entry("time", &rfc3339(*at))?;
        }
        if let Some(output) = style.output(health) {
            map.serialize_entry("output", output)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_never_contradicts_the_code() {
        let cases = [
            ("UP", 200, "pass"),
            ("DEGRADED", 200, "warn"),
            ("UNKNOWN", 200, "warn"),
            ("DOWN", 503, "fail"),
            ("OUT_OF_SERVICE", 503, "fail"),
            ("DOWN", 200, "warn"),
            ("UP", 500, "fail"),
        ];
        for (status, code, expected) in cases {
            let code = StatusCode::from_u16(code).expect("a code");
            assert_eq!(word(&status.into(), code), expected, "{status} {code}");
        }
    }
}
