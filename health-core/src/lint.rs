//! Set-ups that work and are still wrong: found at the start, warned of by name.

use std::time::Duration;

use crate::{
    Management, Scope,
    engine::{Entry, Source, scope_of},
    group::{LIVENESS, READINESS},
    management::Plan,
    plan,
    probes::Probe,
};

impl Management {
    /// Finds what in the settings cannot do what it is meant for: timings against the numbers of
    /// [`Builder::probes`](crate::Builder::probes), and liveness that asks others.
    ///
    /// `build` logs each finding as a warning.
    pub fn lint(&self) -> Vec<String> {
        let mut findings = Vec::new();
        let plan = self.plan();
        for (group, probe) in self.0.probes.by_group() {
            self.lint_answer(group, probe, &mut findings);
            for entry in members(&plan, group) {
                lint_timing(group, &entry, probe, &mut findings);
                if group == LIVENESS {
                    lint_liveness(&entry, &mut findings);
                }
            }
        }
        let needed = self.0.probes.readiness.reaction();
        if self.0.drain_grace < needed {
            findings.push(format!(
                "the drain of {} is shorter than the {} that the readiness probe needs to notice it",
                shown(self.0.drain_grace),
                shown(needed)
            ));
        }
        findings
    }

    fn lint_answer(&self, group: &str, probe: Probe, findings: &mut Vec<String>) {
        let Some(deadline) = self.0.engine.set_answer_deadline() else {
            return;
        };
        if group == READINESS && deadline > probe.timeout {
            findings.push(format!(
                "{group}: the answer's deadline of {} is above the probe's timeout of {}",
                shown(deadline),
                shown(probe.timeout)
            ));
        }
    }
}

fn members(plan: &Plan, group: &str) -> Vec<std::sync::Arc<Entry>> {
    let mut entries = Vec::new();
    if let Some(group) = plan.groups.get(group) {
        plan::collect_entries(&group.members, &mut entries);
    }
    entries
}

/// A check in the background is not waited for, and its results are not kept beyond the next run.
fn lint_timing(group: &str, entry: &Entry, probe: Probe, findings: &mut Vec<String>) {
    let settings = entry.settings();
    if !matches!(entry.source(), Source::Check(_)) || settings.refresh.is_some() {
        return;
    }
    let component = entry.path();
    if settings.deadline >= probe.timeout {
        findings.push(format!(
            "{group}: the deadline of `{component}`, {}, is not below the probe's timeout of {}",
            shown(settings.deadline),
            shown(probe.timeout)
        ));
    }
    if settings.ttl > probe.period {
        findings.push(format!(
            "{group}: the TTL of `{component}`, {}, is above the probe's period of {}",
            shown(settings.ttl),
            shown(probe.period)
        ));
    }
}

fn lint_liveness(entry: &Entry, findings: &mut Vec<String>) {
    let Source::Check(check) = entry.source() else {
        return;
    };
    if matches!(
        scope_of(check.as_ref()),
        Scope::External | Scope::Application
    ) {
        findings.push(format!(
            "{LIVENESS}: `{}` asks something outside of this process: should that fail, every replica is restarted",
            entry.path()
        ));
    }
}

fn shown(duration: Duration) -> String {
    format!("{duration:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Check, CheckResult, Component, Group, Health, Probes, Refresh, async_trait};

    struct Database;

    #[async_trait]
    impl Check for Database {
        async fn check(&self) -> CheckResult {
            Ok(Health::up())
        }

        fn scope(&self) -> Scope {
            Scope::External
        }
    }

    #[test]
    fn the_defaults_are_right() {
        let management = Management::builder("orders")
            .component(Component::new("db", Database).readiness())
            .build()
            .unwrap();
        assert_eq!(management.lint(), Vec::<String>::new());
    }

    #[test]
    fn a_scope_that_panics_does_not_break_the_start() {
        struct PanicsInScope;

        #[async_trait]
        impl Check for PanicsInScope {
            async fn check(&self) -> CheckResult {
                Ok(Health::up())
            }

            fn scope(&self) -> Scope {
                panic!("no scope")
            }
        }

        let management = Management::builder("orders")
            .check("x", PanicsInScope)
            .group(Group::new(LIVENESS).include(["livenessState", "x"]))
            .build()
            .unwrap();
        assert_eq!(management.lint().len(), 1);
    }

    #[test]
    fn each_wrong_timing_is_named() {
        let second = Duration::from_secs(1);
        let slow = Component::new("slow", Database)
            .deadline(second * 2)
            .readiness();
        let kept = Component::new("kept", Database)
            .ttl(second * 60)
            .readiness();
        let refreshed = Component::new("refreshed", Database)
            .deadline(second * 5)
            .background(Refresh::default());
        let management = Management::builder("orders")
            .component(slow)
            .component(kept)
            .component(refreshed.readiness())
            .check("db", Database)
            .group(Group::new(LIVENESS).include(["livenessState", "db"]))
            .probes(Probes::default().readiness(Probe::new(second * 5, 9)))
            .answer_deadline(second * 3)
            .build()
            .unwrap();
        let findings = management.lint().join("\n");
        let expected = [
            "the deadline of `slow`, 2s,",
            "the TTL of `kept`, 60s,",
            "liveness: `db` asks something outside",
            "the drain of 10s is shorter than the 45s",
            "the answer's deadline of 3s",
        ];
        for expected in expected {
            assert!(findings.contains(expected), "{expected}: {findings}");
        }
        assert_eq!(findings.lines().count(), expected.len(), "{findings}");
    }
}
