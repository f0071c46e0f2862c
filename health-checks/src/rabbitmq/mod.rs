//! RabbitMQ, and what else speaks AMQP 0.9.1: the broker, and its queues.

mod application;
mod ask;
mod endpoint;
mod failure;
mod greeting;
mod kit;
mod open;
mod queue;
mod refusals;
mod transport;

use std::{fmt, sync::Arc};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use lapin::Connection;

use self::ask::{Answers, Questions};
pub(crate) use self::{
    application::Application,
    ask::unless_blocked,
    endpoint::Endpoint,
    failure::Failure,
    open::{Open, Own},
    refusals::Refusals,
};
#[cfg(feature = "celery")]
pub(crate) use self::{
    ask::open_channel,
    failure::{NOT_FOUND, RESOURCE_LOCKED, short},
};
pub use self::{queue::Queue, refusals::MAX_REFUSAL_PAUSE};
use crate::{SettingError, Tls, patience::within};

/// Checks that a RabbitMQ broker opens a channel, and that its queues are as they should be.
///
/// Details: `product`, `version`, `latencyMs`, `error` when not UP; each queue is a component with
/// `messages`, `consumers`, `maxMessages`, `minConsumers`, `error`.
///
/// A queue that is missing, closed to the user or beyond its limits is DOWN, and so is the whole
/// then. OUT_OF_SERVICE is a broker that takes no messages since its memory or disk is short
/// (`connection.blocked`). Everything else that is wrong is DOWN: no connection, a refused login, a
/// virtual host that is missing.
///
/// # Connections
/// Of the application's connection each run opens a channel and closes it; one that is cut short
/// goes on in a task until the broker has answered, and the next one waits for that. A queue that is
/// refused costs that connection one of its channels for good, which is lapin's doing: so a refusal
/// is believed for a second, the next one for two, and at most for [`MAX_REFUSAL_PAUSE`].
///
/// A connection of the check's own is opened by the first run, kept, and opened again when it is lost
/// or when it does not answer. Product and version are known for that one only, since lapin does not
/// hand them on. A broker blocks a connection when it publishes: the application's own is blocked by
/// its own messages, the check's by [`RabbitMq::publishing`] only.
///
/// # Security
/// The user needs no permission except that of the virtual host. TLS of a connection of the
/// check's own is rustls with ring by [`Tls`]. User and password show nowhere.
///
/// ```
/// use health_checks::{Queue, RabbitMq};
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = RabbitMq::connect("amqp://shop:s3cret@localhost:5672/%2f")?
///     .queue(Queue::new("orders").max_messages(1000).min_consumers(1));
/// # Ok(())
/// # }
/// ```
pub struct RabbitMq {
    source: Source,
    questions: Questions,
}

enum Source {
    Application(Application<Answers>),
    Own(Box<Own>),
}

impl RabbitMq {
    /// Makes a check over the application's connection.
    pub fn new(connection: Arc<Connection>) -> Self {
        Self::of(Source::Application(Application::new(connection)))
    }

    /// Makes a check with a connection of its own by `amqp://`, or `amqps://` for TLS. No virtual
    /// host, or an empty one, means `/`. Heartbeats are as the broker proposes, unless the URI says
    /// `?heartbeat=` with seconds.
    ///
    /// # Errors
    /// Fails for what is no such URI.
    pub fn connect(uri: impl AsRef<str>) -> Result<Self, SettingError> {
        let endpoint = Endpoint::parse(uri.as_ref())?;
        Ok(Self::of(Source::Own(Box::new(Own::new(endpoint)))))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            questions: Questions::default(),
        }
    }

    /// Adds a queue, in the place of one with the same name; by default there are none.
    #[must_use]
    pub fn queue(mut self, queue: Queue) -> Self {
        let queues = &mut self.questions.queues;
        queues.retain(|known| known.name != queue.name);
        queues.push(queue);
        self
    }

    /// Also proves that the broker takes messages: sends an empty one to the default exchange for
    /// a queue that is not there, which the broker throws away. The user needs the permission to
    /// write to `amq.default`.
    ///
    /// # Errors
    /// Fails for a check over the application's connection: the broker would block that one, even
    /// if it only consumes.
    pub fn publishing(mut self) -> Result<Self, SettingError> {
        if matches!(self.source, Source::Application(_)) {
            let problem = "the application's own connection is not published on; use `connect`";
            return Err(SettingError::new(
                "publishing of the RabbitMQ check",
                problem,
            ));
        }
        self.questions.publishing = true;
        Ok(self)
    }

    /// Sets whom to trust in TLS; default [`Tls::new`].
    ///
    /// # Errors
    /// Fails when there is no TLS to set: the URI is not `amqps://`, or the connection is the
    /// application's.
    pub fn tls(mut self, tls: Tls) -> Result<Self, SettingError> {
        match &mut self.source {
            Source::Own(own) => own.endpoint.tls(tls)?,
            Source::Application(_) => {
                let problem = "the application's own connection is used as it is";
                return Err(SettingError::new("TLS of the RabbitMQ check", problem));
            }
        }
        Ok(self)
    }

    async fn answers(&self) -> Result<Answers, Failure> {
        match &self.source {
            Source::Application(application) => {
                let questions = self.questions.clone();
                let ask = async move |connection: Arc<Connection>, refusals: Arc<Refusals>| {
                    questions.ask(&connection, &refusals).await
                };
                application.ask(ask).await
            }
            Source::Own(own) => {
                if let Some(open) = own.kept.take() {
                    match self.ask_own(own, open).await {
                        // The broker gave up an idle connection, which says nothing of its health.
                        Err(failure) if failure.is_loss() => {}
                        answered => return answered,
                    }
                }
                let open = own.endpoint.open().await?;
                self.ask_own(own, open).await
            }
        }
    }

    async fn ask_own(&self, own: &Own, open: Open) -> Result<Answers, Failure> {
        let asked = self.questions.ask(&open.connection, &own.refusals);
        let mut asked = unless_blocked(&open.connection, asked).await;
        match &mut asked {
            Ok(answers) => answers.server.clone_from(&open.server),
            Err(Failure::Blocked(reason)) => *reason = open.blocked_because(),
            Err(_) => {}
        }
        own.kept.put(open);
        asked
    }
}

#[async_trait]
impl Check for RabbitMq {
    async fn check(&self) -> CheckResult {
        Ok(match within("answer", self.answers()).await? {
            Ok(answers) => self.questions.judge(answers),
            Err(failure @ Failure::Blocked(_)) => Health::out_of_service().error(failure),
            Err(failure) => Health::down().error(failure),
        })
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows where the broker is, and of the application's connection only that it is one.
impl fmt::Debug for RabbitMq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.source {
            Source::Application(_) => "connection of the application".to_owned(),
            Source::Own(own) => own.endpoint.to_string(),
        };
        f.debug_struct("RabbitMq")
            .field("place", &place)
            .field("queues", &self.questions.queues)
            .finish()
    }
}
