//! What is asked on one connection, and what the answers mean.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use futures_util::future::{Either, select};
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
    refusals::Refusals,
};
use crate::millis::millis;

/// Where messages are sent that nobody shall get.
const NOBODY: &str = "health-check.nobody";

/// How many channels that are used up are passed over to find one that is not.
const MAX_USED_UP: usize = 100;

/// How often it is looked whether the broker has blocked the connection instead of answering.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// What is asked in each run.
#[derive(Clone, Default)]
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
    /// Dropping the future closes the channel, and may end the connection.
    pub(super) async fn ask(
        &self,
        connection: &Connection,
        refusals: &Refusals,
    ) -> Result<Answers, Failure> {
        let start = Instant::now();
        let mut channel = open_channel(connection).await?;
        let latency = start.elapsed();
        let mut queues = Vec::new();
        for queue in &self.queues {
            let counts = refusals.ask(&queue.name, queue.counts(&channel)).await;
            match counts {
                Ok(_) | Err(Failure::Name { .. }) => {}
                Err(Failure::Refused { .. }) if connection.status().connected() => {
                    // A refusal closes the channel.
                    if !channel.status().connected() {
                        channel = open_channel(connection).await?;
                    }
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

/// Opens a channel. The driver gives out numbers of channels again which the broker closed earlier,
/// but refuses them then, once each, for the reason of that time.
pub(crate) async fn open_channel(connection: &Connection) -> Result<Channel, Failure> {
    for _ in 0..MAX_USED_UP {
        match connection.create_channel().await.map_err(Failure::from) {
            Err(Failure::Refused { .. }) if connection.status().connected() => {}
            opened => return opened,
        }
    }
    let reason = "the channels of the connection are used up by refusals";
    Err(Failure::Connection(reason.to_owned()))
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

/// Waits for an answer, or until the broker has blocked the connection: on one that is blocked
/// nothing is sent, so nothing is answered.
pub(crate) async fn unless_blocked<T>(
    connection: &Connection,
    asked: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let blocked = async {
        while !connection.status().blocked() {
            sleep(BETWEEN_LOOKS).await;
        }
    };
    match select(pin!(blocked), pin!(asked)).await {
        Either::Left(_) => Err(Failure::Blocked(None)),
        Either::Right((answered, _)) => answered,
    }
}
