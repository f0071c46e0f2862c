//! One integration.

use std::collections::BTreeSet;

use super::{
    ConnectString, Host, Kind, OAuth, OpenFga, RabbitMq, S3, Saml, Smtp, Tracing, Valkey, WebUrl,
    check_names,
};

/// Holds what is known of an integrated service, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "a process has a handful of them")]
pub enum Service {
    /// A PostgreSQL database.
    PostgreSql(ConnectString),
    /// A MySQL or MariaDB database.
    MySql(ConnectString),
    /// A MongoDB database.
    MongoDb(ConnectString),
    /// A Redis server.
    Redis(ConnectString),
    /// A Valkey server.
    Valkey(Valkey),
    /// A RabbitMQ broker.
    RabbitMq(RabbitMq),
    /// A bucket.
    S3(S3),
    /// A SAML identity provider.
    Saml(Saml),
    /// A mail server.
    Smtp(Smtp),
    /// An OpenFGA server.
    OpenFga(OpenFga),
    /// An OAuth provider.
    OAuth(OAuth),
    /// A receiver of traces.
    Tracing(Tracing),
}

/// Describes one service that the platform integrated with the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    name: Option<String>,
    variable: String,
    hosts: Vec<Host>,
    check_name: Option<String>,
    service: Service,
}

impl Integration {
    pub(super) fn new(name: Option<String>, variable: impl Into<String>, service: Service) -> Self {
        Self {
            name,
            variable: variable.into(),
            hosts: service.hosts(),
            check_name: None,
            service,
        }
    }

    /// Names the check, with a name that is not taken yet.
    pub(super) fn name_check(&mut self, taken: &mut BTreeSet<String>) {
        if self.has_check() {
            let name = check_names::of(self.kind(), self.name());
            self.check_name = Some(check_names::unique(&name, taken));
        }
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        match self.service {
            Service::PostgreSql(_) => Kind::PostgreSql,
            Service::MySql(_) => Kind::MySql,
            Service::MongoDb(_) => Kind::MongoDb,
            Service::Redis(_) => Kind::Redis,
            Service::Valkey(_) => Kind::Valkey,
            Service::RabbitMq(_) => Kind::RabbitMq,
            Service::S3(_) => Kind::S3,
            Service::Saml(_) => Kind::Saml,
            Service::Smtp(_) => Kind::Smtp,
            Service::OpenFga(_) => Kind::OpenFga,
            Service::OAuth(_) => Kind::OAuth,
            Service::Tracing(_) => Kind::Tracing,
        }
    }

    /// Returns the name of the endpoint, in lower case; `None` for the one integration of its kind
    /// whose variables have the usual names.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the variable that says where the service is, or that it is there.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Returns the hosts; none for a bucket of the cloud provider, and for an identity provider that
    /// gives no address.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns the user that the application signs in as.
    pub fn user(&self) -> Option<&str> {
        match &self.service {
            Service::Smtp(smtp) => smtp.user.as_deref(),
            _ => self.connect_string()?.user(),
        }
    }

    /// Returns the database.
    pub fn database(&self) -> Option<&str> {
        match &self.service {
            Service::RabbitMq(_) => None,
            _ => self.connect_string()?.database(),
        }
    }

    /// Returns the connect string of a database, a cache or a broker.
    pub fn connect_string(&self) -> Option<&ConnectString> {
        self.service.connect_string()
    }

    /// Returns all that is known of the service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Returns the name of its check: the kind, for an endpoint with a name `kind_name`, and with a
    /// number where two would have the same. There is none for an OAuth provider, which the
    /// application can do without for a while, and for an identity provider that gives neither an
    /// address nor a certificate.
    pub fn check_name(&self) -> Option<&str> {
        self.check_name.as_deref()
    }

    fn has_check(&self) -> bool {
        match &self.service {
            Service::OAuth(_) => false,
            Service::Saml(saml) => {
                saml.metadata_url.is_some() || saml.signing_certificate.is_some()
            }
            _ => true,
        }
    }
}

impl Service {
    fn connect_string(&self) -> Option<&ConnectString> {
        match self {
            Self::PostgreSql(connect)
            | Self::MySql(connect)
            | Self::MongoDb(connect)
            | Self::Redis(connect) => Some(connect),
            Self::Valkey(valkey) => Some(&valkey.connect),
            Self::RabbitMq(rabbitmq) => Some(&rabbitmq.connect),
            _ => None,
        }
    }

    fn hosts(&self) -> Vec<Host> {
        if let Some(connect) = self.connect_string() {
            return connect.hosts().to_vec();
        }
        let host = match self {
            Self::S3(s3) => s3.endpoint.as_ref().map(WebUrl::host),
            Self::Saml(saml) => saml.metadata_url.as_ref().map(WebUrl::host),
            Self::Smtp(smtp) => Some(&smtp.host),
            Self::OpenFga(openfga) => {
                let http = openfga.http_api_url.as_ref().map(WebUrl::host);
                http.or(openfga.grpc_api.as_ref())
            }
            Self::OAuth(oauth) => Some(oauth.api_base_url.host()),
            Self::Tracing(tracing) => Some(tracing.endpoint.host()),
            _ => None,
        };
        host.into_iter().cloned().collect()
    }
}
