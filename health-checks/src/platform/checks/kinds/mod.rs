//! How the check of each kind is made: one file per kind.

use std::sync::Arc;

use health_core::Check;

use crate::{
    SettingError,
    platform::{OpenFga, Proxies, Service},
};

/// Stands in for a kind whose feature is off.
#[allow(unused_macros, reason = "all features may be on")]
macro_rules! not_built {
    ($kind:ident($($given:ident),+), $feature:literal) => {
        mod $kind {
            pub(super) fn make($(_: &crate::platform::$given),+) -> super::Made {
                Err(super::NotMade::Without($feature))
            }
        }
    };
}

#[cfg(any(
    feature = "mysql",
    feature = "postgres",
    feature = "rabbitmq",
    feature = "redis"
))]
mod any_of;
#[cfg(any(feature = "http", feature = "platform-saml", feature = "s3"))]
mod proxy;
#[cfg(any(
    feature = "http",
    feature = "mongodb",
    feature = "platform-saml",
    feature = "rabbitmq",
    feature = "redis",
    feature = "s3"
))]
#[allow(dead_code, reason = "not each kind needs all of it")]
mod written;

#[cfg(feature = "mongodb")]
mod mongodb;
#[cfg(not(feature = "mongodb"))]
not_built!(mongodb(ConnectString), "mongodb");
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(not(feature = "mysql"))]
not_built!(mysql(ConnectString), "mysql");
#[cfg(feature = "http")]
mod openfga;
#[cfg(not(feature = "http"))]
not_built!(openfga(OpenFga, Proxies), "http");
#[cfg(feature = "tcp")]
mod port;
#[cfg(not(feature = "tcp"))]
not_built!(port(Host), "tcp");
#[cfg(feature = "postgres")]
mod postgresql;
#[cfg(not(feature = "postgres"))]
not_built!(postgresql(ConnectString), "postgres");
#[cfg(feature = "rabbitmq")]
mod rabbitmq;
#[cfg(not(feature = "rabbitmq"))]
not_built!(rabbitmq(RabbitMq), "rabbitmq");
#[cfg(feature = "redis")]
mod redis;
#[cfg(not(feature = "redis"))]
not_built!(redis(ConnectString), "redis");
#[cfg(feature = "s3")]
mod s3;
#[cfg(not(feature = "s3"))]
not_built!(s3(S3, Proxies), "s3");
#[cfg(feature = "platform-saml")]
mod saml;
#[cfg(not(feature = "platform-saml"))]
not_built!(saml(Saml, Proxies), "platform-saml");
#[cfg(feature = "smtp")]
mod smtp;
#[cfg(not(feature = "smtp"))]
not_built!(smtp(Smtp), "smtp");

/// A check, or why there is none.
pub(super) type Made = Result<Arc<dyn Check>, NotMade>;

/// Says why a check could not be made.
pub(super) enum NotMade {
    /// This feature is off.
    #[allow(dead_code, reason = "all features may be on")]
    Without(&'static str),
    /// A variable of the integration, by default the one that says where it is, cannot be used.
    Setting(Option<&'static str>, SettingError),
}

impl From<SettingError> for NotMade {
    fn from(error: SettingError) -> Self {
        Self::Setting(None, error)
    }
}

impl NotMade {
    /// Names the variable that holds the setting.
    #[allow(dead_code, reason = "most kinds have one variable")]
    fn of(variable: &'static str) -> impl Fn(SettingError) -> Self {
        move |error| Self::Setting(Some(variable), error)
    }
}

/// Makes the check of a service. Nothing is connected to yet. What is outside of the platform is
/// asked through its proxies.
pub(super) fn make(service: &Service, proxies: &Proxies) -> Made {
    match service {
        Service::PostgreSql(connect) => postgresql::make(connect),
        Service::MySql(connect) => mysql::make(connect),
        Service::MongoDb(connect) => mongodb::make(connect),
        Service::Redis(connect) => redis::make(connect),
        Service::Valkey(valkey) => redis::make(&valkey.connect),
        Service::RabbitMq(rabbitmq) => rabbitmq::make(rabbitmq),
        Service::S3(s3) => s3::make(s3, proxies),
        Service::Saml(saml) => saml::make(saml, proxies),
        Service::Smtp(smtp) => smtp::make(smtp),
        Service::OpenFga(openfga) => make_openfga(openfga, proxies),
        Service::Tracing(tracing) => port::make(tracing.endpoint.host()),
        Service::OAuth(_) => {
            Err(SettingError::new("OAuth provider", "there is no check of it").into())
        }
    }
}

/// Of an API by gRPC alone only the port is asked.
fn make_openfga(openfga: &OpenFga, proxies: &Proxies) -> Made {
    match (&openfga.http_api_url, &openfga.grpc_api) {
        (None, Some(host)) => port::make(host),
        _ => openfga::make(openfga, proxies),
    }
}

/// Says that a parameter of a connect string is not one of those that there are.
#[cfg(any(feature = "mysql", feature = "postgres"))]
fn no_such_value(parameter: &str) -> SettingError {
    let place = format!("parameter `{parameter}`");
    SettingError::new(place, "its value is none of those that the driver knows")
}
