//! How long a check took and how old its result is, as details of it.

use std::{sync::Arc, time::Duration};

use crate::{
    engine::Outcome,
    report::{Content, Report},
};

/// The detail that holds how long the last run took, in milliseconds.
const DURATION: &str = "durationMs";
/// The detail that holds how old the result is, in whole milliseconds.
const AGE: &str = "ageMs";

/// Adds both details to each leaf; one of the same name that the check set itself stays.
pub(super) fn add(report: &mut Report) {
    match &mut report.content {
        Content::Leaf(outcome) => *outcome = Arc::new(with_timings(outcome)),
        Content::Composite(children) => children.values_mut().for_each(add),
    }
}

fn with_timings(outcome: &Outcome) -> Outcome {
    let mut timed = outcome.clone();
    let details = &mut timed.health.details;
    if details.get(DURATION).is_none() {
        details.insert(DURATION, milliseconds(outcome.duration));
    }
    if details.get(AGE).is_none() {
        details.insert(
            AGE,
            u64::try_from(outcome.age().as_millis()).unwrap_or(u64::MAX),
        );
    }
    timed
}

/// Writes a duration in milliseconds, to the microsecond.
pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}
