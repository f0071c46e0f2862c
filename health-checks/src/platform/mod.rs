//! What the environment of a 12-factor platform says: which services are integrated, where the
//! application listens, and what its operator set.
//!
//! The platform's charms hand out variables such as `POSTGRESQL_DB_CONNECT_STRING`, `S3_BUCKET` and
//! `APP_BASE_URL`; any platform can hand out the same. Reading never fails: what could not be read
//! is a [`Problem`] that names the variable and never its value, and what looks like an integration
//! but is none is [`Ignored`]. A variable that is present but empty counts as absent.
//! [`PlatformChecks`] registers a check for each integration.
//!
//! ```
//! use health_checks::platform::Environment;
//!
//! let environment = Environment::from_pairs([
//!     ("POSTGRESQL_DB_CONNECT_STRING", "postgresql://u:s3cr3t@db/orders"),
//!     ("APP_PORT", "8080"),
//!     ("APP_MAX_ITEMS", "42"),
//! ]);
//! let postgresql = &environment.integrations()[0];
//! assert_eq!(postgresql.hosts()[0].to_string(), "db:5432");
//! assert_eq!(postgresql.database(), Some("orders"));
//! assert_eq!(environment.port(), Some(8080));
//! assert_eq!(environment.option("max-items").map(|max| max.int()), Some(Ok(42)));
//! assert!(!environment.to_json().to_string().contains("s3cr3t"));
//! ```

mod check_names;
mod checks;
mod connect_string;
mod connect_strings;
mod found;
mod host;
mod integration;
mod json;
mod kind;
mod leftover;
mod oauth;
mod openfga;
mod options;
mod percent;
mod ports;
mod prefix;
mod problem;
mod proxy;
mod rabbitmq;
mod reading;
mod s3;
mod saml;
mod smtp;
mod tracing;
mod unit;
mod valkey;
mod variables;
mod web_url;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fmt,
};

use health_core::Secret;
use serde_json::Value;

use self::{found::Found, variables::Variables};

pub use self::{
    checks::{
        MISSING_INTEGRATIONS_NAME, MissingIntegrations, PlatformChecks, SAML_CHECK_INTERVAL,
        SERVER_CHECK_DEADLINE, SERVER_CHECK_INTERVAL,
    },
    connect_string::{ConnectString, MAX_CONNECT_STRING_BYTES},
    host::{Host, MAX_HOSTS},
    integration::{Integration, Service},
    kind::Kind,
    oauth::OAuth,
    openfga::OpenFga,
    options::OptionValue,
    prefix::KNOWN_PREFIXES,
    problem::{Ignored, Problem},
    proxy::Proxies,
    rabbitmq::{DEFAULT_VIRTUAL_HOST, RabbitMq},
    s3::S3,
    saml::Saml,
    smtp::{Smtp, TransportSecurity},
    tracing::Tracing,
    unit::{Unit, is_scheduler, is_worker},
    valkey::Valkey,
    web_url::WebUrl,
};

/// Holds what the environment says, typed.
///
/// # Security
/// `Debug` and [`Environment::to_json`] show no password, no key and no token.
#[derive(Clone)]
pub struct Environment {
    variables: Variables,
    prefix: String,
    secret_options: BTreeSet<String>,
    service: Option<String>,
    found: Found,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn from_process() -> Self {
        Self::from_pairs(std::env::vars_os())
    }

    /// Reads names and values; later ones replace earlier ones of the same name.
    ///
    /// The prefix is that one of [`KNOWN_PREFIXES`] under which most of the platform's variables
    /// stand; [`Environment::prefix`] sets another one.
    pub fn from_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let variables = Variables::of_pairs(pairs);
        let prefix = prefix::detect(&variables).unwrap_or_default().to_owned();
        let environment = Self {
            variables,
            prefix,
            secret_options: BTreeSet::new(),
            service: None,
            found: Found::default(),
        };
        environment.read()
    }

    /// Sets the prefix of the application's own variables: `SHOP` for `SHOP_BASE_URL`. An empty one
    /// means that they have none; then there are no options, as any variable could be one.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = prefix::normal(prefix);
        self.read()
    }

    /// Says that an option holds a secret of the platform, whose keys are options of their own
    /// (`stripe-live`, `stripe-test`): none of them is ever shown. Those whose names or values look
    /// like secrets are hidden anyway.
    #[must_use]
    pub fn secret_option(mut self, name: &str) -> Self {
        self.secret_options.insert(options::normal(name));
        self.read()
    }

    /// Sets the name of the service that this process is, which the platform does not tell it.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    fn read(mut self) -> Self {
        self.found = Found::read(&self.variables, &self.prefix, &self.secret_options);
        self
    }

    /// Returns the prefix of the application's own variables with its underscore, such as `APP_`;
    /// empty if there is none.
    pub fn app_prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the integrations, by kind and name.
    pub fn integrations(&self) -> &[Integration] {
        &self.found.integrations
    }

    /// Returns the first integration of a kind.
    pub fn integration(&self, kind: Kind) -> Option<&Integration> {
        let mut integrations = self.found.integrations.iter();
        integrations.find(|integration| integration.kind() == kind)
    }

    /// Returns the address that users reach the application at; proxies strip its path.
    pub fn base_url(&self) -> Option<&WebUrl> {
        self.found.base_url.as_ref()
    }

    /// Returns the host names of the other units; none for a single one.
    pub fn peers(&self) -> &[String] {
        &self.found.peers
    }

    /// Returns the key that all units share.
    pub fn secret_key(&self) -> Option<&Secret<String>> {
        self.found.secret_key.as_ref()
    }

    /// Returns the proxies.
    pub fn proxies(&self) -> &Proxies {
        &self.found.proxies
    }

    /// Returns an option by the name that the operator uses, such as `max-items`.
    pub fn option(&self, name: &str) -> Option<&OptionValue> {
        self.found.options.get(&options::normal(name))
    }

    /// Returns all options with their names. Upper case and underscores of names are lost on the
    /// way through the variables.
    pub fn options(&self) -> impl Iterator<Item = (&str, &OptionValue)> {
        let options = self.found.options.iter();
        options.map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the values of an option that holds a secret of the platform, by their keys.
    pub fn secret(&self, name: &str) -> BTreeMap<&str, &Secret<String>> {
        let start = format!("{}-", options::normal(name));
        let keys = self.options().filter_map(|(option, value)| {
            let key = option.strip_prefix(&start)?;
            Some((key, value.text()))
        });
        keys.collect()
    }

    /// Returns what could not be read.
    pub fn problems(&self) -> &[Problem] {
        &self.found.problems
    }

    /// Returns the variables that look like an integration's but have no effect.
    pub fn ignored(&self) -> &[Ignored] {
        &self.found.ignored
    }

    /// Returns integrations, options and problems as JSON, without secrets.
    ///
    /// An integration has `kind`, `variable`, `hosts` (`host`, `port`), `user`, `database` and
    /// `checks`, the names of its checks ([`Integration::check_name`]); what is not known is null.
    pub fn to_json(&self) -> Value {
        json::of(self)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("prefix", &self.prefix)
            .field("service", &self.service)
            .field("found", &self.found)
            .finish_non_exhaustive()
    }
}
