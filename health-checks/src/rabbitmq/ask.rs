//! What is asked on one connection, and what the answers mean.

use std::time::{Duration, Instant};

use health_core::{Health, Status};
use lapin::{
    BasicProperties, Channel, Connection,
    options::{BasicPublishOptions, ConfirmSelectOptions},
    protocol::constants,
};
use tokio::time::sleep;

use super::{
    failure::Failure,
    greeting::Server,
    queue::{Counts, Queue},
};
use crate::net::millis;

/// Where messages are sent that nobody shall get.
const NOBODY: &str = "health-check.nobody";

/// How often it is looked whether the broker has blocked the connection instead of answering.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// What is asked in each run.
#[derive(Default)]
pub(super) struct Questions {
    pub(super) queues: Vec<Queue>,
    pub(super) publishing: bool,
}

/// What a broker answered.
pub(super) struct Answers {
    pub(super) server: Server,
    latency: Duration,
    /// As many as there are queues in the questions.
    queues: Vec<Result<Counts, Failure>>,
}

impl Questions {
    /// Asks on a channel that is opened for it and closed after.
    ///
    /// # Cancel safety
    /// Dropping the future closes the channel.
    pub(super) async fn ask(&self, connection: &Connection) -> Result<Answers, Failure> {
        // On a connection that is blocked nothing is sent, so nothing is answered.
        if connection.status().blocked() {
            return Err(Failure::Blocked(None));
        }
        let start = Instant::now();
        let mut channel = connection.create_channel().await?;
        let latency = start.elapsed();
        let mut queues = Vec::new();
        for queue in &self.queues {
            let counts = queue.counts(&channel).await;
            match counts {
                Ok(_) => {}
                // A refusal closes the channel.
                Err(Failure::Refused { .. }) if connection.status().connected() => {
                    channel = connection.create_channel().await?;
                }
                Err(failure) => return Err(failure),
            }
            queues.push(counts);
        }
        if self.publishing {
            publish_to_nobody(&channel).await?;
        }
        channel.close(constants::REPLY_SUCCESS, "OK".into()).await?;
        Ok(Answers {
            server: Server::default(),
            latency,
            queues,
        })
    }

    /// Says what the answers mean.
    pub(super) fn judge(&self, answers: Answers) -> Health {
        let judged = self.queues.iter().zip(answers.queues);
        let queues: Vec<_> = judged
            .map(|(queue, counts)| (&queue.name, queue.judge(counts)))
            .collect();
        let wrong: Vec<_> = queues
            .iter()
            .filter(|(_, health)| *health.status() != Status::UP)
            .map(|(name, _)| format!("`{}`", name.escape_debug()))
            .collect();
        let mut health = if wrong.is_empty() {
            Health::up()
        } else {
            let error = format!("queues that are not as expected: {}", wrong.join(", "));
            Health::down().detail("error", error)
        };
        health = health
            .detail("product", answers.server.product)
            .detail("version", answers.server.version)
            .detail("latencyMs", millis(answers.latency));
        for (name, queue) in queues {
            health = health.component(name, queue);
        }
        health
    }
}

/// Waits until the broker has confirmed a message, which it does also for one that it throws away.
async fn publish_to_nobody(channel: &Channel) -> Result<(), Failure> {
    let options = ConfirmSelectOptions::default();
    channel.confirm_select(options).await?;
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    let sent = channel.basic_publish("".into(), NOBODY.into(), options, &[], properties);
    let confirmed = sent.await?.await?;
    if confirmed.is_nack() {
        let text = "the broker did not take a message";
        return Err(Failure::Answer(text.to_owned()));
    }
    Ok(())
}

/// Waits until the broker has blocked the connection.
pub(crate) async fn blocked(connection: &Connection) {
    while !connection.status().blocked() {
        sleep(BETWEEN_LOOKS).await;
    }
}
