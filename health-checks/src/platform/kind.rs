//! The kinds of integrations.

use std::fmt;

/// What an integration is, by the name that the platform's charms give its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A PostgreSQL database.
    PostgreSql,
    /// A MySQL or MariaDB database.
    MySql,
    /// A MongoDB database.
    MongoDb,
    /// A Redis server.
    Redis,
    /// A Valkey server.
    Valkey,
    /// A RabbitMQ broker.
    RabbitMq,
    /// A bucket of S3 or of storage with its API.
    S3,
    /// A SAML identity provider.
    Saml,
    /// A mail server.
    Smtp,
    /// An OpenFGA authorization server.
    OpenFga,
    /// An OAuth or OpenID Connect provider.
    OAuth,
    /// A receiver of traces by OTLP over HTTP.
    Tracing,
}

impl Kind {
    /// All kinds, in the order in which integrations are listed.
    pub const ALL: [Self; 12] = [
        Self::PostgreSql,
        Self::MySql,
        Self::MongoDb,
        Self::Redis,
        Self::Valkey,
        Self::RabbitMq,
        Self::S3,
        Self::Saml,
        Self::Smtp,
        Self::OpenFga,
        Self::OAuth,
        Self::Tracing,
    ];

    /// Returns the name: `postgresql`, `mysql`, `mongodb`, `redis`, `valkey`, `rabbitmq`, `s3`,
    /// `saml`, `smtp`, `openfga`, `oauth` or `tracing`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PostgreSql => "postgresql",
            Self::MySql => "mysql",
            Self::MongoDb => "mongodb",
            Self::Redis => "redis",
            Self::Valkey => "valkey",
            Self::RabbitMq => "rabbitmq",
            Self::S3 => "s3",
            Self::Saml => "saml",
            Self::Smtp => "smtp",
            Self::OpenFga => "openfga",
            Self::OAuth => "oauth",
            Self::Tracing => "tracing",
        }
    }

    /// Returns the kind of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
