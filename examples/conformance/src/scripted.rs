//! Checks that do what the file says.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use health_core::{Check, CheckError, CheckResult, Component, Health, Scope, Status, async_trait};

use crate::{
    fixture::{CheckSpec, milliseconds},
    runs::Counters,
};

/// Makes a component, and a counter for each check in it.
pub(crate) fn component(name: &str, spec: CheckSpec, counters: &mut Counters) -> Component {
    component_at(name, name, spec, counters)
}

fn component_at(path: &str, name: &str, mut spec: CheckSpec, counters: &mut Counters) -> Component {
    let is_critical = spec.critical.unwrap_or(true);
    let component = match spec.components.take() {
        Some(components) => {
            let components = components
                .into_iter()
                .map(|(name, spec)| component_at(&format!("{path}/{name}"), &name, spec, counters));
            Component::composite(name, components.collect::<Vec<_>>())
        }
        None => Component::new(name, check(path, spec, counters)),
    };
    if is_critical {
        component
    } else {
        component.non_critical()
    }
}

/// Makes one check, which counts its runs under a path.
pub(crate) fn check(path: &str, spec: CheckSpec, counters: &mut Counters) -> impl Check {
    let runs = Arc::new(AtomicU64::new(0));
    counters.insert(path.to_owned(), Arc::clone(&runs));
    Scripted { spec, runs }
}

struct Scripted {
    spec: CheckSpec,
    runs: Arc<AtomicU64>,
}

#[async_trait]
impl Check for Scripted {
    async fn check(&self) -> CheckResult {
        let Self { spec, runs } = self;
        let run = runs.fetch_add(1, Ordering::Relaxed);
        if spec.delay_ms > 0 {
            tokio::time::sleep(milliseconds(spec.delay_ms)).await;
        }
        if spec.block_ms > 0 {
            // The point of it: this is what a check must never do.
            thread::sleep(milliseconds(spec.block_ms));
        }
        if spec.hang {
            std::future::pending::<()>().await;
        }
        if let Some(text) = &spec.panic {
            panic_with(text);
        }
        spec.health(run)
    }
}

#[expect(clippy::panic, reason = "the fixture asks for it")]
fn panic_with(text: &str) {
    std::panic::panic_any(text.to_owned());
}

impl CheckSpec {
    fn health(&self, run: u64) -> CheckResult {
        let said = self.status_of(run);
        if let (Some(error), None, []) = (&self.error, said, self.details.as_slice()) {
            return Err(CheckError::new(error));
        }
        let status = match (said, &self.error) {
            (Some(status), _) => Status::new(status),
            (None, Some(_)) => Status::DOWN,
            (None, None) => Status::UP,
        };
        let details = self.details.iter().cloned();
        let health = details.fold(Health::new(status), |health, (name, value)| {
            health.detail(name, value)
        });
        Ok(match &self.error {
            Some(error) => health.error(CheckError::new(error)),
            None => health,
        })
    }

    fn status_of(&self, run: u64) -> Option<&str> {
        let Some(sequence) = &self.sequence else {
            return self.status.as_deref();
        };
        let run = usize::try_from(run).unwrap_or(usize::MAX);
        sequence.get(run).or(sequence.last()).map(String::as_str)
    }
}

/// Counts the runs of a check that is not scripted.
pub(crate) struct Counted<C> {
    pub(crate) check: C,
    pub(crate) runs: Arc<AtomicU64>,
}

#[async_trait]
impl<C: Check> Check for Counted<C> {
    async fn check(&self) -> CheckResult {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.check.check().await
    }

    fn scope(&self) -> Scope {
        self.check.scope()
    }

    fn for_group(&self, group: &str) -> Option<Arc<dyn Check>> {
        let check = self.check.for_group(group)?;
        Some(Arc::new(Counted {
            check,
            runs: Arc::clone(&self.runs),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> CheckSpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_script_decides_the_health_of_each_run() {
        let cases = [
            ("nothing said", "{}", 0, "UP"),
            ("status", r#"{"status": "FATAL"}"#, 0, "FATAL"),
            ("details make no error", r#"{"details": {"a": 1}}"#, 0, "UP"),
            (
                "error and details",
                r#"{"error": "e", "details": {"a": 1}}"#,
                0,
                "DOWN",
            ),
            (
                "error and status",
                r#"{"error": "e", "status": "OUT_OF_SERVICE"}"#,
                0,
                "OUT_OF_SERVICE",
            ),
            (
                "first of a sequence",
                r#"{"sequence": ["UP", "DOWN"]}"#,
                0,
                "UP",
            ),
            (
                "second of a sequence",
                r#"{"sequence": ["UP", "DOWN"]}"#,
                1,
                "DOWN",
            ),
            (
                "stays on the last",
                r#"{"sequence": ["UP", "DOWN"]}"#,
                7,
                "DOWN",
            ),
        ];
        for (name, json, run, status) in cases {
            assert_eq!(
                spec(json).health(run).unwrap().status().code(),
                status,
                "{name}"
            );
        }
        assert_eq!(
            spec(r#"{"error": "refused"}"#)
                .health(0)
                .unwrap_err()
                .to_string(),
            "refused"
        );
    }

    #[test]
    fn each_check_of_a_composite_has_its_counter() {
        let mut counters = Counters::new();
        _ = component(
            "pair",
            spec(r#"{"components": {"one": {}, "two": {}}}"#),
            &mut counters,
        );
        assert_eq!(
            counters.keys().collect::<Vec<_>>(),
            ["pair/one", "pair/two"]
        );
    }
}
