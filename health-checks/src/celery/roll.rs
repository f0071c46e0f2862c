//! The roll call: who is expected, who has answered, and what that means.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use health_core::Health;

use super::message::Answer;
use crate::{millis::millis, net::shown};

/// How many workers are taken down; more cannot be read by anybody.
const MAX_WORKERS: usize = 1000;

/// Who is expected to answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) names: BTreeSet<String>,
    pub(super) count: Option<usize>,
}

impl Expected {
    /// Tells whether anything was said about who shall answer.
    pub(super) fn is_any(&self) -> bool {
        self.names.is_empty() && self.count.is_none()
    }

    fn min(&self) -> usize {
        self.count.unwrap_or(usize::from(self.names.is_empty()))
    }
}

/// Why a worker did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absence {
    NotConnected,
    Silent,
    Unknown,
}

/// Who has answered so far.
pub(super) struct Roll {
    asked: Instant,
    answers: BTreeMap<String, (Duration, Option<String>)>,
    not_understood: u32,
    /// How many workers the question reached, where the broker tells.
    pub(super) connected: Option<usize>,
    pub(super) absent: BTreeMap<String, Absence>,
}

impl Roll {
    /// Begins to count the time.
    pub(super) fn new() -> Self {
        Self {
            asked: Instant::now(),
            answers: BTreeMap::new(),
            not_understood: 0,
            connected: None,
            absent: BTreeMap::new(),
        }
    }

    /// Takes down an answer; of two of one worker the first counts.
    pub(super) fn note(&mut self, answer: Option<Answer>) {
        let Some(Answer { worker, problem }) = answer else {
            self.not_understood = self.not_understood.saturating_add(1);
            return;
        };
        if self.answers.len() < MAX_WORKERS {
            let after = self.asked.elapsed();
            self.answers.entry(worker).or_insert((after, problem));
        }
    }

    /// Tells whether nobody else is waited for.
    pub(super) fn is_complete(&self, expected: &Expected) -> bool {
        self.is_everybody()
            || !expected.is_any()
                && expected
                    .count
                    .is_none_or(|count| self.answers.len() >= count)
                && self.missing(expected).next().is_none()
    }

    /// Tells whether all that are connected have answered, where it is known how many those are.
    pub(super) fn is_everybody(&self) -> bool {
        self.connected
            .is_some_and(|count| self.answers.len() >= count)
    }

    /// Returns who is expected and has not answered.
    pub(super) fn missing<'a>(&'a self, expected: &'a Expected) -> impl Iterator<Item = &'a str> {
        let names = expected.names.iter().map(String::as_str);
        names.filter(|name| !self.answers.contains_key(*name))
    }

    /// Says how it is with the workers.
    pub(super) fn judge(&self, expected: &Expected) -> Health {
        let waited = millis(self.asked.elapsed());
        let well = self
            .answers
            .values()
            .filter(|(_, problem)| problem.is_none());
        let problem = self.problem(expected, well.clone().count(), waited);
        let mut health = if problem.is_none() {
            Health::up()
        } else {
            Health::down()
        };
        health = health
            .detail("workers", well.count())
            .detail("connectedWorkers", self.connected)
            .detail("minWorkers", expected.count)
            .detail(
                "notUnderstood",
                (self.not_understood > 0).then_some(self.not_understood),
            )
            .detail("error", problem);
        for (name, (latency, problem)) in &self.answers {
            let worker = match problem {
                None => Health::up(),
                Some(problem) => Health::down().detail("error", problem.clone()),
            };
            let worker = worker.detail("latencyMs", millis(*latency));
            health = health.component(shown(name.as_bytes()), worker);
        }
        for name in self.missing(expected) {
            let error = self.why_missing(name, waited);
            health = health.component(name, Health::down().detail("error", error));
        }
        health
    }

    fn why_missing(&self, name: &str, waited: u64) -> String {
        match self.absent.get(name).copied().unwrap_or(Absence::Unknown) {
            Absence::NotConnected => "the worker is not connected to the broker".to_owned(),
            Absence::Silent => {
                format!(
                    "the worker is connected to the broker, and gave no answer within {waited} ms"
                )
            }
            Absence::Unknown => format!("no answer within {waited} ms"),
        }
    }

    fn problem(&self, expected: &Expected, well: usize, waited: u64) -> Option<String> {
        if self.connected == Some(0) {
            return Some("no worker is connected to the broker".to_owned());
        }
        if self.answers.is_empty() && expected.names.is_empty() {
            return Some(match self.connected {
                Some(count) => {
                    format!("{count} connected, and no worker answered within {waited} ms")
                }
                None => format!("workers are connected, and none answered within {waited} ms"),
            });
        }
        let quoted = |name: &str| format!("`{}`", name.escape_debug());
        let missing: Vec<_> = self.missing(expected).map(quoted).collect();
        let ill = self
            .answers
            .iter()
            .filter(|(_, (_, problem))| problem.is_some());
        let ill: Vec<_> = ill.map(|(name, _)| quoted(name)).collect();
        let mut problems = Vec::new();
        if !missing.is_empty() {
            problems.push(format!("missing: {}", missing.join(", ")));
        }
        if !ill.is_empty() {
            problems.push(format!("not well: {}", ill.join(", ")));
        }
        let min = expected.min();
        if well < min {
            problems.push(format!(
                "{well} workers answered well, at least {min} have to"
            ));
        }
        (!problems.is_empty()).then(|| problems.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roll(answers: &[(&str, Option<&str>)], connected: Option<usize>) -> Roll {
        let mut roll = Roll::new();
        roll.connected = connected;
        for (worker, problem) in answers {
            roll.note(Some(Answer {
                worker: (*worker).to_owned(),
                problem: problem.map(str::to_owned),
            }));
        }
        roll
    }

    fn expected(names: &[&str], count: Option<usize>) -> Expected {
        Expected {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            count,
        }
    }

    #[test]
    fn it_is_told_who_is_missing() {
        let any = expected(&[], None);
        let two = expected(&["a", "b"], None);
        let three = expected(&["a"], Some(3));
        let (a, b) = (("a", None), ("b", None));
        let ill = ("b", Some("no"));
        let cases = [
            ("any, one", &any, roll(&[a], None), None),
            (
                "any, none",
                &any,
                roll(&[], Some(0)),
                Some("no worker is connected to the broker"),
            ),
            (
                "any, silent",
                &any,
                roll(&[], Some(2)),
                Some("2 connected, and no worker answered within 7 ms"),
            ),
            (
                "any, silent, count unknown",
                &any,
                roll(&[], None),
                Some("workers are connected, and none answered within 7 ms"),
            ),
            (
                "any, ill",
                &any,
                roll(&[ill], None),
                Some("not well: `b`; 0 workers answered well, at least 1 have to"),
            ),
            ("named, both", &two, roll(&[b, a], None), None),
            ("named, one", &two, roll(&[b], None), Some("missing: `a`")),
            (
                "named, ill",
                &two,
                roll(&[a, ill], None),
                Some("not well: `b`"),
            ),
            (
                "named, none",
                &two,
                roll(&[], None),
                Some("missing: `a`, `b`"),
            ),
            (
                "count",
                &three,
                roll(&[a, b], Some(2)),
                Some("2 workers answered well, at least 3 have to"),
            ),
            (
                "a stranger is ill",
                &two,
                roll(&[a, b, ("c\n", Some("no"))], None),
                Some("not well: `c\\n`"),
            ),
            (
                "the first answer counts",
                &two,
                roll(&[a, b, ill], None),
                None,
            ),
        ];
        for (name, expected, roll, problem) in cases {
            let well = roll
                .answers
                .values()
                .filter(|(_, problem)| problem.is_none())
                .count();
            assert_eq!(
                roll.problem(expected, well, 7).as_deref(),
                problem,
                "{name}"
            );
        }
    }

    #[test]
    fn nobody_else_is_waited_for_when_all_have_answered() {
        let a = ("a", None);
        let cases = [
            ("any", expected(&[], None), roll(&[a], None), false),
            (
                "any, all that are connected",
                expected(&[], None),
                roll(&[a], Some(1)),
                true,
            ),
            (
                "any, one of two",
                expected(&[], None),
                roll(&[a], Some(2)),
                false,
            ),
            ("named", expected(&["a"], None), roll(&[a], None), true),
            ("another", expected(&["b"], None), roll(&[a], None), false),
            (
                "another, who is not connected",
                expected(&["b"], None),
                roll(&[a], Some(1)),
                true,
            ),
            ("count", expected(&[], Some(1)), roll(&[a], None), true),
            (
                "higher count",
                expected(&["a"], Some(2)),
                roll(&[a], None),
                false,
            ),
            (
                "nobody is connected",
                expected(&["a"], None),
                roll(&[], Some(0)),
                true,
            ),
        ];
        for (name, expected, roll, complete) in cases {
            assert_eq!(roll.is_complete(&expected), complete, "{name}");
        }
    }

    #[test]
    fn what_is_sent_without_end_does_not_grow_without_end() {
        let mut roll = Roll::new();
        for number in 0..MAX_WORKERS + 10 {
            let worker = format!("w{number}");
            roll.note(Some(Answer {
                worker,
                problem: None,
            }));
            roll.note(None);
        }
        assert_eq!(roll.answers.len(), MAX_WORKERS);
        assert!(roll.judge(&Expected::default()).components().len() == MAX_WORKERS);
    }
}
