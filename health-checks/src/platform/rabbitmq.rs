//! RabbitMQ brokers.

use super::{
    ConnectString, Integration, Kind, Service,
    connect_string::{self, Dialect},
    connect_strings::connect_string,
    reading::Reading,
};

/// The virtual host where the connect string names none.
pub const DEFAULT_VIRTUAL_HOST: &str = "/";

const CONNECT_STRING: &str = "RABBITMQ_CONNECT_STRING";
const CONNECT_STRINGS: &str = "RABBITMQ_CONNECT_STRINGS";

/// Holds what `RABBITMQ_*` say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RabbitMq {
    /// The connect string of the service.
    pub connect: ConnectString,
    /// One connect string for each broker of the cluster, in the order of their hosts; the platform
    /// gives them in any order.
    pub brokers: Vec<ConnectString>,
}

impl RabbitMq {
    /// Returns the virtual host; [`DEFAULT_VIRTUAL_HOST`] where the connect string names none.
    pub fn virtual_host(&self) -> &str {
        self.connect.database().unwrap_or(DEFAULT_VIRTUAL_HOST)
    }
}

pub(super) fn read(reading: &mut Reading<'_>, stem: &str, connect: ConnectString) -> RabbitMq {
    let brokers = brokers(reading, &format!("{stem}_CONNECT_STRINGS"));
    RabbitMq { connect, brokers }
}

/// Takes the brokers for the service where its own connect string is absent.
pub(super) fn read_brokers_alone(reading: &mut Reading<'_>) -> Option<Integration> {
    if reading.variables.has(CONNECT_STRING) || !reading.variables.has(CONNECT_STRINGS) {
        return None;
    }
    let connect = connect_string(reading, CONNECT_STRINGS, Kind::RabbitMq)?;
    let brokers = brokers(reading, CONNECT_STRINGS);
    let service = Service::RabbitMq(RabbitMq { connect, brokers });
    Some(Integration::new(None, CONNECT_STRINGS, service))
}

fn brokers(reading: &mut Reading<'_>, variable: &str) -> Vec<ConnectString> {
    let (Some(text), Some(dialect)) = (reading.text(variable), Dialect::of(Kind::RabbitMq)) else {
        return Vec::new();
    };
    match connect_string::read_list(text, dialect) {
        Ok(mut brokers) => {
            brokers.sort_by(|a, b| a.hosts().cmp(b.hosts()));
            brokers
        }
        Err(reason) => {
            reading.problem(variable, reason);
            Vec::new()
        }
    }
}
