//! Connect strings: `postgresql://user:password@host:5432/database` and its relatives.

mod dialect;
mod list;
mod split;

use std::fmt;

use health_core::{RedactedUrl, Secret};

use self::split::{Parts, split};
use super::{Host, host, percent};

pub(super) use self::{
    dialect::{Dialect, PROXY},
    list::read as read_list,
};

/// The longest connect string that is read, in bytes.
pub const MAX_CONNECT_STRING_BYTES: usize = 16 * 1024;

/// Holds the parts of a connect string.
///
/// It is split tolerantly: several hosts, several connect strings with commas between, IPv6 with
/// and without brackets, no port, Unix sockets, and passwords that hold `@ : / # ? [` as they are.
/// User, password, database and values of parameters are decoded; a password that cannot have been
/// encoded is taken as it stands.
///
/// # Security
/// `Debug` shows neither password nor parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectString {
    url: RedactedUrl,
    scheme: String,
    hosts: Vec<Host>,
    user: Option<String>,
    password: Option<Secret<String>>,
    database: Option<String>,
    parameters: Vec<(String, Secret<String>)>,
}

impl ConnectString {
    /// Reads one connect string, or several of the same service: then the hosts are those of all,
    /// and the rest that of the first.
    pub(super) fn read(text: &str, dialect: &Dialect) -> Result<Self, &'static str> {
        let mut members = list::read(text, dialect)?.into_iter();
        let mut first = members.next().ok_or(NO_HOST)?;
        for member in members {
            for host in member.hosts {
                if !first.hosts.contains(&host) {
                    first.hosts.push(host);
                }
            }
        }
        if first.hosts.len() > host::MAX_HOSTS {
            return Err(host::HostError::TooMany.reason());
        }
        first.url = RedactedUrl::new(text);
        Ok(first)
    }

    fn read_one(text: &str, dialect: &Dialect) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or(dialect.wrong_scheme)?;
        let scheme = scheme.trim().to_lowercase();
        let default_port = dialect.usual_port(&scheme).ok_or(dialect.wrong_scheme)?;
        let parts = split(rest, default_port).map_err(|error| error.reason())?;
        let mut read = Self::of_parts(RedactedUrl::new(text), scheme, &parts);
        if read.hosts.is_empty() {
            read.find_socket(dialect, default_port)?;
        }
        Ok(read)
    }

    fn of_parts(url: RedactedUrl, scheme: String, parts: &Parts<'_>) -> Self {
        let user_info = parts.user_info.unwrap_or_default();
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let parameters = parameters(parts.query);
        let credential = |text: &str, parameter: &str| {
            let text = percent::decode_credential(text);
            let named = || value_of(&parameters, parameter).map(str::to_owned);
            Some(text).filter(|text| !text.is_empty()).or_else(named)
        };
        let path = parts.path.strip_prefix('/').unwrap_or(parts.path);
        Self {
            url,
            hosts: parts.hosts.clone(),
            user: credential(user, "user"),
            password: credential(password, "password").map(Secret::new),
            database: Some(percent::decode(path)).filter(|path| !path.is_empty()),
            scheme,
            parameters,
        }
    }

    /// Takes the hosts or the socket from where they stand when the authority names none.
    fn find_socket(
        &mut self,
        dialect: &Dialect,
        default_port: Option<u16>,
    ) -> Result<(), &'static str> {
        if self.scheme.ends_with("unix") {
            let path = self.database.take().ok_or(NO_HOST)?;
            self.hosts = vec![Host::new(format!("/{path}"), None)];
            self.database = self.parameter("db").map(str::to_owned);
            return Ok(());
        }
        let mut names = dialect.host_parameters.iter();
        let named = names.find_map(|name| self.parameter(name)).ok_or(NO_HOST)?;
        let port = match self.parameter("port") {
            None => default_port,
            Some(text) => Some(host::port(text).ok_or(host::HostError::Port.reason())?),
        };
        self.hosts = host::list(named, port).map_err(|error| error.reason())?;
        if self.hosts.is_empty() {
            return Err(NO_HOST);
        }
        Ok(())
    }

    /// Returns the whole connect string, as a driver wants it.
    pub fn url(&self) -> &RedactedUrl {
        &self.url
    }

    /// Returns the scheme in lower case: `postgresql`, `mongodb+srv`, `amqps`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Returns the hosts; at least one.
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// Returns the user, decoded.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the password, decoded.
    pub fn password(&self) -> Option<&Secret<String>> {
        self.password.as_ref()
    }

    /// Returns the path without its first slash, decoded: a database, the number of one of Redis,
    /// a virtual host of RabbitMQ.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Returns the parameters of the query, decoded.
    #[allow(dead_code, reason = "only some drivers are given all of them")]
    pub(in crate::platform) fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.parameters.iter();
        parameters.map(|(name, value)| (name.as_str(), value.expose().as_str()))
    }

    /// Returns the first value of a parameter of the query, decoded.
    ///
    /// # Security
    /// It can be a secret, such as that of `sslpassword`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        value_of(&self.parameters, name)
    }
}

const NO_HOST: &str = "it names no host";

impl fmt::Debug for ConnectString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectString")
            .field("scheme", &self.scheme)
            .field("hosts", &self.hosts)
            .field("user", &self.user)
            .field("password", &self.password)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

fn value_of<'a>(parameters: &'a [(String, Secret<String>)], name: &str) -> Option<&'a str> {
    let mut named = parameters.iter().filter(|(known, _)| known == name);
    named.next().map(|(_, value)| value.expose().as_str())
}

fn parameters(query: &str) -> Vec<(String, Secret<String>)> {
    query
        .split('&')
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (percent::decode(name), Secret::new(percent::decode(value))))
        .collect()
}

#[cfg(test)]
mod tests;
