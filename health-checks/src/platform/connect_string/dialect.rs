//! What connect strings of each kind look like.

use crate::platform::Kind;

/// Schemes and usual ports of one kind.
#[derive(Debug)]
pub(in crate::platform) struct Dialect {
    /// Schemes with the port that is meant without one.
    schemes: &'static [(&'static str, Option<u16>)],
    /// Parameters that name hosts or sockets when the authority names none.
    pub(super) host_parameters: &'static [&'static str],
    pub(super) wrong_scheme: &'static str,
}

const POSTGRESQL: Dialect = Dialect {
    schemes: &[("postgresql", Some(5432)), ("postgres", Some(5432))],
    host_parameters: &["hostaddr", "host"],
    wrong_scheme: "it does not begin with postgresql:// or postgres://",
};

const MYSQL: Dialect = Dialect {
    schemes: &[("mysql", Some(3306)), ("mariadb", Some(3306))],
    host_parameters: &["socket", "unix_socket"],
    wrong_scheme: "it does not begin with mysql:// or mariadb://",
};

/// A name of `mongodb+srv` stands for records that hold hosts and ports.
const MONGODB: Dialect = Dialect {
    schemes: &[("mongodb", Some(27017)), ("mongodb+srv", None)],
    host_parameters: &[],
    wrong_scheme: "it does not begin with mongodb:// or mongodb+srv://",
};

const REDIS: Dialect = Dialect {
    schemes: &[
        ("redis", Some(6379)),
        ("rediss", Some(6379)),
        ("valkey", Some(6379)),
        ("valkeys", Some(6379)),
        ("unix", None),
        ("redis+unix", None),
        ("valkey+unix", None),
    ],
    host_parameters: &[],
    wrong_scheme: "it does not begin with redis://, rediss://, valkey://, valkeys:// or unix://",
};

const RABBITMQ: Dialect = Dialect {
    schemes: &[("amqp", Some(5672)), ("amqps", Some(5671))],
    host_parameters: &[],
    wrong_scheme: "it does not begin with amqp:// or amqps://",
};

/// Proxies. Not web addresses: their passwords are put in as they are, and they have no paths.
pub(in crate::platform) const PROXY: Dialect = Dialect {
    schemes: &[
        ("http", Some(80)),
        ("https", Some(443)),
        ("socks5", Some(1080)),
        ("socks5h", Some(1080)),
    ],
    host_parameters: &[],
    wrong_scheme: "it does not begin with http://, https://, socks5:// or socks5h://",
};

impl Dialect {
    /// Returns the dialect of a kind that is described by a connect string.
    pub(in crate::platform) fn of(kind: Kind) -> Option<&'static Self> {
        match kind {
            Kind::PostgreSql => Some(&POSTGRESQL),
            Kind::MySql => Some(&MYSQL),
            Kind::MongoDb => Some(&MONGODB),
            Kind::Redis | Kind::Valkey => Some(&REDIS),
            Kind::RabbitMq => Some(&RABBITMQ),
            _ => None,
        }
    }

    /// Returns the usual port, if the scheme is one of this kind. A driver's name after a plus sign
    /// does not matter.
    pub(super) fn usual_port(&self, scheme: &str) -> Option<Option<u16>> {
        let port_of = |name: &str| {
            let mut known = self.schemes.iter();
            known
                .find(|(known, _)| *known == name)
                .map(|(_, port)| *port)
        };
        port_of(scheme).or_else(|| port_of(scheme.split_once('+')?.0))
    }
}
