//! What the time of an exchange went to.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::millis::millis;

/// What is done at one moment of an exchange; none overlaps another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The name is looked up.
    Resolving,
    /// TCP connects; through a proxy also the proxy.
    Connecting,
    ShakingHands,
    /// The request is sent and the head of its answer waited for.
    Waiting,
    /// The body is read.
    Reading,
}

const STAGES: [(Stage, &str); 5] = [
    (Stage::Resolving, "dnsMs"),
    (Stage::Connecting, "connectMs"),
    (Stage::ShakingHands, "tlsMs"),
    (Stage::Waiting, "firstByteMs"),
    (Stage::Reading, "bodyMs"),
];

/// Holds how long each stage took, all redirects together; nothing for one that there was not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timings([Option<Duration>; STAGES.len()]);

impl Timings {
    pub(super) fn add(&mut self, stage: Stage, time: Duration) {
        *self.0[stage as usize].get_or_insert_default() += time;
    }

    /// Counts the time in which a connection was made as time of waiting.
    pub(super) fn forget_connecting(&mut self) {
        for stage in [Stage::Resolving, Stage::Connecting, Stage::ShakingHands] {
            let time = self.0[stage as usize].take().unwrap_or_default();
            self.add(Stage::Waiting, time);
        }
    }

    #[cfg(test)]
    pub(super) fn of(&self, stage: Stage) -> Option<Duration> {
        self.0[stage as usize]
    }

    /// Returns the time of the whole exchange.
    pub(crate) fn total(&self) -> Duration {
        self.0.iter().flatten().sum()
    }

    /// Writes the times in whole milliseconds.
    pub(crate) fn to_json(&self) -> Value {
        let stages = STAGES.into_iter().filter_map(|(stage, key)| {
            let time = self.0[stage as usize]?;
            Some((key.to_owned(), millis(time).into()))
        });
        let total = ("totalMs".to_owned(), millis(self.total()).into());
        Value::Object(stages.chain([total]).collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stages_that_there_were_are_written_in_milliseconds() {
        let mut timings = Timings::default();
        assert_eq!(timings.to_json(), json!({"totalMs": 0}));
        timings.add(Stage::Connecting, Duration::from_micros(1_700));
        timings.add(Stage::Waiting, Duration::from_millis(2));
        timings.add(Stage::Waiting, Duration::from_millis(3));
        timings.add(Stage::Reading, Duration::ZERO);
        let written = json!({"connectMs": 1, "firstByteMs": 5, "bodyMs": 0, "totalMs": 6});
        assert_eq!(timings.to_json(), written);
        timings.forget_connecting();
        let written = json!({"firstByteMs": 6, "bodyMs": 0, "totalMs": 6});
        assert_eq!(timings.to_json(), written);
    }
}
