//! Celery's workers, asked by remote control as `celery inspect ping` does.

mod amqp;
mod broker;
mod message;
mod redis;
mod roll;

use std::{fmt, sync::Arc, time::Duration};

use health_core::{Check, CheckResult, Scope, async_trait};
use lapin::Connection;
use tokio::time::Instant;

use self::{
    broker::{Broker, Question},
    roll::Expected,
};
use crate::{
    SettingError, Tls,
    patience::{patience, within},
    rabbitmq::Application,
};

/// How long answers are waited for at most where nothing is said about who shall answer, as
/// Celery itself does. It is half of the time of the check if that is less.
pub const CELERY_ANSWER_WINDOW: Duration = Duration::from_secs(1);

/// The exchange of remote control, without its ending `.pidbox`, unless
/// [`Celery::control_exchange`] names another.
pub const DEFAULT_CONTROL_EXCHANGE: &str = "celery";

/// The part of the check's time, in percent, in which expected answers are waited for; the rest is
/// for finding out why one is missing and for leaving nothing behind.
const ANSWERS_PERCENT: u32 = 85;

/// Checks that Celery workers are connected to their broker and answer a ping by remote control.
///
/// Details: `workers`, `connectedWorkers`, `minWorkers`, `notUnderstood`, `error` when not UP; each
/// worker is a component with `latencyMs`, `error`.
///
/// Unless told otherwise one worker has to answer, whichever. With [`Celery::worker`] and
/// [`Celery::min_workers`] the check waits until those have answered; a worker that is missing is
/// DOWN, and so is the whole. It is told whether a missing worker is connected to the broker and
/// silent, as one that is stopped or hangs, or not connected at all; Redis knows only how many are
/// connected, so there the latter is told when all of those have answered. A worker answers beside
/// its tasks: a ping says nothing about whether it has room for one more.
///
/// Without such settings all answers of [`CELERY_ANSWER_WINDOW`] count, over Redis until all
/// workers that are connected have answered. What is wrong with the broker is DOWN with the
/// reason; OUT_OF_SERVICE is a RabbitMQ that takes no messages, and a Redis that loads its data.
///
/// # What it leaves behind
/// Nothing except, on RabbitMQ, the exchange `reply.celery.pidbox` that workers make too. The
/// connections are kept: one to RabbitMQ, two to Redis (from version 6 on). A broker of other kinds
/// (SQS, Sentinel, a cluster of Redis) cannot be asked.
///
/// # Security
/// On RabbitMQ the user needs these permissions, and no more: to configure
/// `reply\.celery\.pidbox$`, to write to `^[0-9a-f-]+\.reply\.celery\.pidbox$|^celery\.pidbox$` and
/// to read `reply\.celery\.pidbox$`. On Redis it needs `+select +del +sadd +srem +brpop +publish`
/// on `~*reply.celery.pidbox` and `&/0.celery.pidbox`, with the number of the database. User and
/// password of the URL show nowhere.
///
/// ```
/// use health_checks::Celery;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = Celery::new("redis://:s3cret@localhost:6379/0")?
///     .worker("mails@app-1")
///     .worker("mails@app-2");
/// # Ok(())
/// # }
/// ```
pub struct Celery {
    broker: Broker,
    question: Question,
}

impl Celery {
    /// Makes a check by the broker URL of the workers: `amqp://`, `amqps://`, `redis://` or
    /// `rediss://`.
    ///
    /// # Errors
    /// Fails for what is no such URL, and for a list of several.
    pub fn new(broker: impl AsRef<str>) -> Result<Self, SettingError> {
        let broker = Broker::parse(broker.as_ref())?;
        Ok(Self::of(broker))
    }

    /// Makes a check over the application's connection to the RabbitMQ of the workers. Each run
    /// opens channels and closes them; that a worker is not connected is believed for at most
    /// [`MAX_REFUSAL_PAUSE`](crate::MAX_REFUSAL_PAUSE), as [`RabbitMq`](crate::RabbitMq) says.
    pub fn over(connection: Arc<Connection>) -> Self {
        Self::of(Broker::Application(Application::new(connection)))
    }

    fn of(broker: Broker) -> Self {
        Self {
            broker,
            question: Question {
                expected: Expected::default(),
                control_exchange: DEFAULT_CONTROL_EXCHANGE.to_owned(),
                key_prefix: String::new(),
            },
        }
    }

    /// Expects a worker by its name, such as `celery@host`.
    #[must_use]
    pub fn worker(mut self, name: impl Into<String>) -> Self {
        self.question.expected.names.insert(name.into());
        self
    }

    /// Sets how many workers have to answer, inclusive; default 1 where none is named.
    #[must_use]
    pub fn min_workers(mut self, count: usize) -> Self {
        self.question.expected.count = Some(count);
        self
    }

    /// Sets the application's `control_exchange`; default [`DEFAULT_CONTROL_EXCHANGE`].
    #[must_use]
    pub fn control_exchange(mut self, name: impl Into<String>) -> Self {
        self.question.control_exchange = name.into();
        self
    }

    /// Sets the `global_keyprefix` of the application's transport options for Redis; default none.
    #[must_use]
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.question.key_prefix = prefix.into();
        self
    }

    /// Sets whom to trust in TLS; default [`Tls::new`].
    ///
    /// # Errors
    /// Fails when there is no TLS to set: the URL does not ask for it, or the connection is the
    /// application's.
    pub fn tls(mut self, tls: Tls) -> Result<Self, SettingError> {
        self.broker.tls(tls)?;
        Ok(self)
    }

    /// Returns until when answers are waited for.
    fn deadline(&self) -> Instant {
        let patience = patience();
        let window = if self.question.expected.is_any() {
            CELERY_ANSWER_WINDOW.min(patience / 2)
        } else {
            patience * ANSWERS_PERCENT / 100
        };
        Instant::now() + window
    }
}

#[async_trait]
impl Check for Celery {
    async fn check(&self) -> CheckResult {
        let call = self.broker.call(&self.question, self.deadline());
        Ok(match within("answer of the broker", call).await? {
            Ok(roll) => roll.judge(&self.question.expected),
            Err(failure) => failure.into_health(),
        })
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows where the broker is, and nothing of the user.
impl fmt::Debug for Celery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Celery")
            .field("broker", &format_args!("{}", self.broker))
            .field("expected", &self.question.expected)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_read_and_no_secret_is_told() {
        let cases = [
            ("AMQP", "amqp://u:s3cret@mq//", "amqp://mq:5672 /"),
            (
                "Celery's own word",
                "pyamqp://u:s3cret@mq/v",
                "amqp://mq:5672 v",
            ),
            ("AMQP with TLS", "amqps://u:s3cret@mq", "amqps://mq:5671 /"),
            ("Redis", "redis://:s3cret@db/3", "redis://db:6379"),
        ];
        for (name, url, place) in cases {
            let shown = format!("{:?}", Celery::new(url).unwrap());
            assert!(
                shown.contains(place) && !shown.contains("s3cret"),
                "{name}: {shown}"
            );
        }
        let cases = [
            ("no scheme", "u:s3cret@mq", "there is no scheme"),
            ("SQS", "sqs://u:s3cret@", "the scheme is none of"),
            (
                "list",
                "redis://:s3cret@a;redis://:s3cret@b",
                "this is a list",
            ),
            ("AMQP", "amqp://u:s3/cret@mq", "this is no URI such as"),
            ("Redis", "redis://u:s3/cret@mq", "this is no URL such as"),
        ];
        for (name, url, problem) in cases {
            let text = Celery::new(url).unwrap_err().to_string();
            assert!(
                text.contains(problem) && !text.contains("s3"),
                "{name}: {text}"
            );
        }
        let without = Celery::new("redis://db").unwrap().tls(Tls::new());
        assert!(without.unwrap_err().to_string().contains("rediss"));
    }
}
