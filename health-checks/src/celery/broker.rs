//! The broker of the workers, of either kind.

use std::{fmt, sync::Arc};

use health_core::Health;
use lapin::Connection;
use tokio::time::Instant;

use super::{
    amqp, redis,
    roll::{Expected, Roll},
};
use crate::{
    SettingError, Tls,
    rabbitmq::{self, Application, Own, Refusals, unless_blocked},
};

const PLACE: &str = "broker URL of the Celery check";

/// Where workers are asked.
pub(super) enum Broker {
    Application(Application<Roll>),
    RabbitMq(Box<Own>),
    Redis(Box<redis::Broker>),
}

/// What is asked in each run.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) expected: Expected,
    pub(super) control_exchange: String,
    pub(super) key_prefix: String,
}

impl Broker {
    /// Reads a broker URL as Celery has it.
    pub(super) fn parse(url: &str) -> Result<Self, SettingError> {
        let wrong = |problem: &str| SettingError::new(PLACE, problem);
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| wrong("there is no scheme; write `amqp://` or `redis://` before it"))?;
        if rest.contains(';') && rest.contains("://") {
            return Err(wrong("this is a list; make a check for each broker"));
        }
        match scheme {
            "amqp" | "amqps" | "pyamqp" => {
                let scheme = scheme.trim_start_matches("py");
                let endpoint = rabbitmq::Endpoint::parse(&format!("{scheme}://{rest}"))?;
                Ok(Self::RabbitMq(Box::new(Own::new(endpoint))))
            }
            "redis" | "rediss" => {
                let endpoint = crate::redis::Endpoint::parse(url)?;
                Ok(Self::Redis(Box::new(redis::Broker::new(endpoint))))
            }
            _ => Err(wrong(
                "the scheme is none of `amqp`, `amqps`, `redis` and `rediss`",
            )),
        }
    }

    /// Sets whom to trust.
    pub(super) fn tls(&mut self, tls: Tls) -> Result<(), SettingError> {
        match self {
            Self::RabbitMq(own) => own.endpoint.tls(tls),
            Self::Redis(broker) => broker.endpoint.set_tls(tls),
            Self::Application(_) => Err(SettingError::new(
                "TLS of the Celery check",
                "the application's own connection is used as it is",
            )),
        }
    }

    /// Asks the workers, and waits for their answers until `deadline`.
    pub(super) async fn call(
        &self,
        question: &Question,
        deadline: Instant,
    ) -> Result<Roll, Failure> {
        match self {
            Self::Application(application) => {
                let question = question.clone();
                let call = async move |connection: Arc<Connection>, refusals: Arc<Refusals>| {
                    question.call(&connection, &refusals, deadline).await
                };
                Ok(application.ask(call).await?)
            }
            Self::RabbitMq(own) => Ok(question.call_own(own, deadline).await?),
            Self::Redis(broker) => Ok(broker.call(question, deadline).await?),
        }
    }
}

impl Question {
    async fn call(
        &self,
        connection: &Connection,
        refusals: &Refusals,
        deadline: Instant,
    ) -> Result<Roll, rabbitmq::Failure> {
        let (exchange, expected) = (&self.control_exchange, &self.expected);
        amqp::call(connection, refusals, exchange, expected, deadline).await
    }

    async fn call_own(&self, own: &Own, deadline: Instant) -> Result<Roll, rabbitmq::Failure> {
        if let Some(open) = own.kept.take() {
            match self.call_and_keep(own, open, deadline).await {
                // The broker gave up an idle connection, which says nothing of its health.
                Err(failure) if failure.is_loss() => {}
                answered => return answered,
            }
        }
        let open = own.endpoint.open().await?;
        self.call_and_keep(own, open, deadline).await
    }

    async fn call_and_keep(
        &self,
        own: &Own,
        open: rabbitmq::Open,
        deadline: Instant,
    ) -> Result<Roll, rabbitmq::Failure> {
        let roll = self.call(&open.connection, &own.refusals, deadline);
        let mut roll = unless_blocked(&open.connection, roll).await;
        if let Err(rabbitmq::Failure::Blocked(reason)) = &mut roll {
            *reason = open.blocked_because();
        }
        own.kept.put(open);
        roll
    }
}

/// Shows where the broker is, and nothing of the user.
impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Application(_) => f.write_str("connection of the application"),
            Self::RabbitMq(own) => fmt::Display::fmt(&own.endpoint, f),
            Self::Redis(broker) => write!(f, "redis://{}", broker.endpoint.place),
        }
    }
}

/// Says why the workers could not be asked.
pub(super) enum Failure {
    RabbitMq(rabbitmq::Failure),
    Redis(crate::redis::Failure),
}

impl Failure {
    /// What is over by itself is OUT_OF_SERVICE.
    pub(super) fn into_health(self) -> Health {
        match self {
            Self::RabbitMq(failure @ rabbitmq::Failure::Blocked(_)) => {
                Health::out_of_service().error(failure)
            }
            Self::Redis(failure @ crate::redis::Failure::Loading) => {
                Health::out_of_service().error(failure)
            }
            Self::RabbitMq(failure) => Health::down().error(failure),
            Self::Redis(failure) => Health::down().error(failure),
        }
    }
}

impl From<rabbitmq::Failure> for Failure {
    fn from(failure: rabbitmq::Failure) -> Self {
        Self::RabbitMq(failure)
    }
}

impl From<crate::redis::Failure> for Failure {
    fn from(failure: crate::redis::Failure) -> Self {
        Self::Redis(failure)
    }
}
