//! One run: asks, looks at the answer, and tells.

use std::time::Duration;

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};
use serde_json::{Value, json};

use super::{Http, condition::Seen, secrets::Secrets, status::Ranges};
use crate::web::{Answer, Timings};

/// How much is shown of what was found where a condition failed, in characters, inclusive.
pub const MAX_FOUND_CHARS: usize = 200;

/// What was looked at, what was expected of it, and what was found.
struct Failed {
    subject: String,
    expected: String,
    found: String,
}

#[async_trait]
impl Check for Http {
    async fn check(&self) -> CheckResult {
        let (health, status, timings) = match self.request.send(std::iter::empty()).await {
            Ok(answer) => (self.judge(&answer), Some(answer.status), answer.timings),
            Err(failure) => {
                let health = Health::down().detail("error", failure.to_string());
                (health, failure.status, failure.timings)
            }
        };
        let mut told = Health::new(health.status().clone())
            .detail("url", self.request.shown_url())
            .detail("status", status.map(|status| status.as_u16()))
            .detail("timings", timings.to_json());
        for (name, value) in health.details().iter() {
            told = told.detail(name, value.clone());
        }
        Ok(told)
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

impl Http {
    fn judge(&self, answer: &Answer) -> Health {
        let failed = self.failed(answer);
        if let Some(error) = error(&failed, answer) {
            return tell(Status::DOWN, &failed, error);
        }
        match self.lateness(&answer.timings) {
            Some(late) => {
                let error = format!("took {}, expected it {}", late.found, late.expected);
                tell(Status::DEGRADED, &[late], error)
            }
            None => Health::up(),
        }
    }

    /// Returns the conditions that are not met, without secrets.
    fn failed(&self, answer: &Answer) -> Vec<Failed> {
        let code = answer.status.as_u16();
        let status = (!self.expected.contains(&code)).then(|| Failed {
            subject: "the status".to_owned(),
            expected: Ranges(&self.expected).to_string(),
            found: code.to_string(),
        });
        let seen = Seen::new(answer, self.request.body_limit_bytes);
        let unmet = self.conditions.iter().filter_map(|condition| {
            let found = condition.look(&seen).err()?;
            Some((condition, found))
        });
        let mut unmet = unmet.peekable();
        // Most answers need none of them.
        let secrets = unmet.peek().is_some().then(|| Secrets::of(&self.request));
        let shown = |text: String| match &secrets {
            Some(secrets) => cut(secrets.hide(&text)),
            None => text,
        };
        let unmet = unmet.map(|(condition, found)| Failed {
            subject: shown(condition.subject()),
            expected: shown(condition.expected()),
            found: shown(found),
        });
        status.into_iter().chain(unmet).collect()
    }

    fn lateness(&self, timings: &Timings) -> Option<Failed> {
        let limit = self.degraded_after?;
        let took = timings.total();
        (took >= limit).then(|| Failed {
            subject: "the time".to_owned(),
            expected: format!("below {}", millis(limit)),
            found: millis(took),
        })
    }
}

fn millis(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// Says in one line what is wrong.
fn error(failed: &[Failed], answer: &Answer) -> Option<String> {
    let (first, others) = failed.split_first()?;
    let code = answer.status.as_u16();
    let Failed {
        subject,
        expected,
        found,
    } = first;
    let mut error = if subject == "the status" {
        format!("answered {code}, expected {expected}")
    } else {
        format!("answered {code}, but expected {subject} {expected}; found {found}")
    };
    match others.len() {
        0 => {}
        1 => error.push_str("; one more condition failed"),
        more => error.push_str(&format!("; {more} more conditions failed")),
    }
    Some(error)
}

fn tell(status: Status, failed: &[Failed], error: String) -> Health {
    let failed: Vec<Value> = failed
        .iter()
        .map(|failed| {
            json!({
                "condition": failed.subject,
                "expected": failed.expected,
                "found": failed.found,
            })
        })
        .collect();
    Health::new(status)
        .detail("failed", failed)
        .detail("error", error)
}

fn cut(text: String) -> String {
    match text.char_indices().nth(MAX_FOUND_CHARS) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
