//! `cargo xtask ci`: every gate, in order, until one fails.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::{
    adapter_shells, check_manifests, checks_table, dependency_budget, doc, features, lint, test,
};

/// The gates, quick and often failing ones first; each is also a command of its own.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "lint",
        run: lint::run,
    },
    Step {
        name: "check-manifests",
        run: check_manifests::run,
    },
    Step {
        name: "adapter-shells",
        run: adapter_shells::run,
    },
    Step {
        name: "checks-table",
        run: || checks_table::run(&[]),
    },
    Step {
        name: "features",
        run: features::run,
    },
    Step {
        name: "dependency-budget",
        run: dependency_budget::run,
    },
    Step {
        name: "doc",
        run: doc::run,
    },
    Step {
        name: "test",
        run: || test::run(&[]),
    },
];

pub(crate) struct Step {
    pub(crate) name: &'static str,
    run: fn() -> Result<(), Error>,
}

pub(crate) fn run() -> Result<(), Error> {
    let (outcomes, result) = run_steps(STEPS);
    println!("\n{}", table(STEPS, &outcomes));
    result
}

/// What became of one step.
struct Outcome {
    passed: bool,
    time: Duration,
}

/// Runs the steps until one fails; a step that did not run has no outcome.
fn run_steps(steps: &[Step]) -> (Vec<Outcome>, Result<(), Error>) {
    let mut outcomes = Vec::new();
    for Step { name, run } in steps {
        println!("\n==> {name}");
        let start = Instant::now();
        let result = run();
        let outcome = Outcome {
            passed: result.is_ok(),
            time: start.elapsed(),
        };
        println!("<== {name}: {} in {}", outcome.word(), outcome.seconds());
        outcomes.push(outcome);
        if let Err(source) = result {
            return (
                outcomes,
                Err(Error::Step {
                    name,
                    source: Box::new(source),
                }),
            );
        }
    }
    (outcomes, Ok(()))
}

impl Outcome {
    fn word(&self) -> &'static str {
        if self.passed { "passed" } else { "FAILED" }
    }

    fn seconds(&self) -> String {
        format!("{:.1} s", self.time.as_secs_f64())
    }
}

/// One line per step, also for those that did not run.
fn table(steps: &[Step], outcomes: &[Outcome]) -> String {
    let mut outcomes = outcomes.iter();
    let lines = steps.iter().map(|step| match outcomes.next() {
        Some(outcome) => {
            format!(
                "{:<18} {:<8} {:>9}",
                step.name,
                outcome.word(),
                outcome.seconds()
            )
        }
        None => format!("{:<18} not run", step.name),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass() -> Result<(), Error> {
        Ok(())
    }

    fn fail() -> Result<(), Error> {
        Err(Error::Usage("no".into()))
    }

    fn must_not_run() -> Result<(), Error> {
        panic!("a step ran after a failed one")
    }

    #[test]
    fn all_steps_pass() {
        let steps = [
            Step {
                name: "one",
                run: pass,
            },
            Step {
                name: "two",
                run: pass,
            },
        ];
        let (outcomes, result) = run_steps(&steps);
        assert!(result.is_ok());
        assert_eq!(table(&steps, &outcomes).matches("passed").count(), 2);
    }

    #[test]
    fn the_first_failure_ends_the_run_and_the_rest_is_not_counted() {
        let steps = [
            Step {
                name: "one",
                run: pass,
            },
            Step {
                name: "two",
                run: fail,
            },
            Step {
                name: "three",
                run: must_not_run,
            },
        ];
        let (outcomes, result) = run_steps(&steps);
        let message = result.unwrap_err().to_string();
        assert!(message.contains("step `two` failed"), "{message}");
        let words: Vec<_> = table(&steps, &outcomes)
            .lines()
            .map(|line| line.split_whitespace().nth(1).unwrap().to_owned())
            .collect();
        assert_eq!(words, ["passed", "FAILED", "not"]);
    }
}
