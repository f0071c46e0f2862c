//! What is expected of one queue.

use health_core::Health;
use lapin::{Channel, options::QueueDeclareOptions, types::FieldTable};

use super::failure::{ACCESS_REFUSED, Failure, NOT_FOUND, RESOURCE_LOCKED, short};

/// Names a queue and says what is expected of it; unless told otherwise, that it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "it does nothing until a check is given it"]
pub struct Queue {
    pub(super) name: String,
    max_messages: Option<u32>,
    min_consumers: Option<u32>,
}

impl Queue {
    /// Expects that a queue is there.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            max_messages: None,
            min_consumers: None,
        }
    }

    /// Sets how many messages may be waiting, inclusive; by default any number. What consumers
    /// hold and have not confirmed yet is not waiting.
    pub fn max_messages(mut self, count: u32) -> Self {
        self.max_messages = Some(count);
        self
    }

    /// Sets how many consumers have to be there, inclusive; by default none.
    pub fn min_consumers(mut self, count: u32) -> Self {
        self.min_consumers = Some(count);
        self
    }

    /// Asks for the counts of the queue; a refusal closes the channel.
    pub(super) async fn counts(&self, channel: &Channel) -> Result<Counts, Failure> {
        let options = QueueDeclareOptions {
            passive: true,
            ..QueueDeclareOptions::default()
        };
        let queue = channel
            .queue_declare(short(&self.name)?, options, FieldTable::default())
            .await?;
        Ok(Counts {
            messages: queue.message_count(),
            consumers: queue.consumer_count(),
        })
    }

    /// Says how it is with the queue.
    pub(super) fn judge(&self, counts: Result<Counts, Failure>) -> Health {
        let health = match counts {
            Err(failure) => Health::down().detail("error", refusal(&failure)),
            Ok(counts) => {
                let problem = self.problem(counts);
                let health = if problem.is_none() {
                    Health::up()
                } else {
                    Health::down()
                };
                health
                    .detail("messages", counts.messages)
                    .detail("consumers", counts.consumers)
                    .detail("error", problem)
            }
        };
        health
            .detail("maxMessages", self.max_messages)
            .detail("minConsumers", self.min_consumers)
    }

    fn problem(&self, counts: Counts) -> Option<String> {
        let Counts {
            messages,
            consumers,
        } = counts;
        let too_full = self
            .max_messages
            .filter(|max| messages > *max)
            .map(|max| format!("{messages} messages are waiting, at most {max} may be"));
        let too_few = self
            .min_consumers
            .filter(|min| consumers < *min)
            .map(|min| format!("{consumers} consumers are there, at least {min} have to be"));
        match (too_full, too_few) {
            (Some(too_full), Some(too_few)) => Some(format!("{too_full}; {too_few}")),
            (too_full, too_few) => too_full.or(too_few),
        }
    }
}

/// What a broker tells of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    messages: u32,
    consumers: u32,
}

/// Says why a queue's counts are not told.
fn refusal(failure: &Failure) -> String {
    match failure {
        _ if failure.is(NOT_FOUND) => "there is no such queue (404)".to_owned(),
        _ if failure.is(ACCESS_REFUSED) => "the user may not ask for this queue (403)".to_owned(),
        _ if failure.is(RESOURCE_LOCKED) => {
            "the queue is in exclusive use by another connection (405)".to_owned()
        }
        _ => failure.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_inclusive() {
        let queue = Queue::new("q").max_messages(2).min_consumers(1);
        let cases = [
            ("at the limits", 2, 1, None),
            (
                "too full",
                3,
                1,
                Some("3 messages are waiting, at most 2 may be"),
            ),
            (
                "too few",
                0,
                0,
                Some("0 consumers are there, at least 1 have to be"),
            ),
            (
                "both",
                3,
                0,
                Some(
                    "3 messages are waiting, at most 2 may be; 0 consumers are there, at least 1 have to be",
                ),
            ),
        ];
        for (name, messages, consumers, expected) in cases {
            let counts = Counts {
                messages,
                consumers,
            };
            assert_eq!(queue.problem(counts).as_deref(), expected, "{name}");
            assert_eq!(Queue::new("q").problem(counts), None, "{name}, no limits");
        }
    }
}
