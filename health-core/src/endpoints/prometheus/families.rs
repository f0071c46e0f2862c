//! The families of metrics.

use std::{fmt::Display, time::Duration};

use super::{
    Reading,
    exposition::{Exposition, Family, Kind, Labels, Writer},
    http, is_run,
    status_set::StatusSet,
};
use crate::{
    HttpMetrics,
    engine::{Entry, Outcome},
};

/// All that one scrape says.
pub(super) struct Scrape<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) left_out: u64,
    pub(super) http: &'a HttpMetrics,
    pub(super) runtime_lag: Option<Duration>,
    pub(super) whole: Reading,
    pub(super) groups: Vec<(&'a str, Reading)>,
    pub(super) components: Vec<(&'a Entry, Reading)>,
    pub(super) statuses: &'a StatusSet,
}

impl Scrape<'_> {
    pub(super) fn write(&self, exposition: Exposition) -> String {
        let mut writer = Writer::new(exposition);
        self.application(&mut writer);
        self.groups(&mut writer);
        if !self.components.is_empty() {
            self.components(&mut writer);
            self.runs(&mut writer);
        }
        http::write(self.http, &mut writer);
        writer.finish()
    }

    fn application(&self, writer: &mut Writer) {
        writer
            .family(
                Kind::Info,
                "health_build_info",
                "The application and its version.",
            )
            .sample(&[("name", self.name), ("version", self.version)], 1);
        writer
            .family(
                Kind::Counter,
                "health_probes_left_out_total",
                "Successful probes left out of the access log.",
            )
            .sample(&[], self.left_out);
        if let Some(lag) = self.runtime_lag {
            let help = "By how much the timers of the application's runtime are late.";
            let mut family = writer.family(Kind::Gauge, "health_runtime_lag_seconds", help);
            family.sample(&[], lag.as_secs_f64());
        }
        writer
            .family(
                Kind::Gauge,
                "health_up",
                "Whether a probe of the whole takes its status for a success.",
            )
            .sample(&[], u8::from(self.whole.is_up));
        let mut family = writer.family(
            Kind::Gauge,
            "health_status",
            "The status of the whole: 1 for the one it has.",
        );
        self.status_set(&mut family, None, &self.whole);
    }

    fn groups(&self, writer: &mut Writer) {
        let mut family = writer.family(
            Kind::Gauge,
            "health_group_up",
            "Whether a probe of the group takes its status for a success.",
        );
        for (name, reading) in &self.groups {
            family.sample(&[("group", name)], u8::from(reading.is_up));
        }
        let mut family = writer.family(
            Kind::Gauge,
            "health_group_status",
            "The status of the group: 1 for the one it has.",
        );
        for (name, reading) in &self.groups {
            self.status_set(&mut family, Some(("group", name)), reading);
        }
    }

    fn components(&self, writer: &mut Writer) {
        let mut family = writer.family(
            Kind::Gauge,
            "health_component_up",
            "Whether a probe of the component takes its status for a success.",
        );
        for (entry, reading) in &self.components {
            family.sample(&[("component", entry.path())], u8::from(reading.is_up));
        }
        let mut family = writer.family(
            Kind::Gauge,
            "health_component_status",
            "The status of the component: 1 for the one it has.",
        );
        for (entry, reading) in &self.components {
            self.status_set(&mut family, Some(("component", entry.path())), reading);
        }
    }

    fn status_set(
        &self,
        family: &mut Family<'_>,
        of: Option<(&'static str, &str)>,
        reading: &Reading,
    ) {
        for (status, is_set) in self.statuses.labels(&reading.status) {
            let status = ("status", status);
            let labels: &[_] = match of {
                Some(of) => &[of, status],
                None => &[status],
            };
            family.sample(labels, u8::from(is_set));
        }
    }

    fn runs(&self, writer: &mut Writer) {
        let latest =
            |entry: &Entry, value: fn(&Outcome) -> f64| entry.latest().map(|latest| value(&latest));
        self.each_check(
            writer.family(
                Kind::Gauge,
                "health_component_duration_seconds",
                "How long the last run of the check took.",
            ),
            |entry| latest(entry, |latest| latest.duration.as_secs_f64()),
        );
        self.each_check(
            writer.family(
                Kind::Gauge,
                "health_component_age_seconds",
                "How long ago the last run of the check ended.",
            ),
            |entry| latest(entry, |latest| latest.age().as_secs_f64()),
        );
        self.each_check(
            writer.family(
                Kind::Counter,
                "health_component_runs_total",
                "Runs of the check that came to an end.",
            ),
            |entry| Some(entry.stats.runs()),
        );
        self.each_check(
            writer.family(
                Kind::Counter,
                "health_component_failures_total",
                "Runs of the check that failed.",
            ),
            |entry| Some(entry.stats.failures()),
        );
        self.each_check(
            writer.family(
                Kind::Counter,
                "health_component_run_seconds_total",
                "How long all runs of the check took.",
            ),
            |entry| Some(entry.stats.busy().as_secs_f64()),
        );
        self.each_check(
            writer.family(
                Kind::Counter,
                "health_component_coalesced_requests_total",
                "Requests that waited for a run that another one had started.",
            ),
            |entry| Some(entry.stats.coalesced()),
        );
        self.each_check(
            writer.family(
                Kind::Counter,
                "health_component_cache_hits_total",
                "Requests that were answered from an earlier result.",
            ),
            |entry| Some(entry.stats.cache_hits()),
        );
    }

    fn each_check<V: Display>(&self, mut family: Family<'_>, value: impl Fn(&Entry) -> Option<V>) {
        for (entry, _) in self.components.iter().filter(|(entry, _)| is_run(entry)) {
            let labels: Labels<'_> = &[("component", entry.path())];
            if let Some(value) = value(entry) {
                family.sample(labels, value);
            }
        }
    }
}
