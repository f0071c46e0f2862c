//! Records of the Domain Name System.

mod answer;
mod exchange;
mod expected;
mod record;
mod servers;

use std::{fmt, net::SocketAddr, time::Duration};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use hickory_proto::rr::Name;
use serde_json::Value;

pub use self::record::DnsRecord;
use self::{answer::Found, exchange::Question, expected::Expected, servers::Servers};
use crate::{SettingError, millis::millis, net::shown};

/// How many records are shown; the number of all is in `count`.
const SHOWN_RECORDS: usize = 50;

/// Checks that a name has records of a type in the Domain Name System, and where that is asked, the
/// expected ones.
///
/// Details: `name`, `recordType`, `answers` (sorted), `count`, `ttlSeconds` of the record that
/// expires first, `server` that answered, `answerMs`, `error` when DOWN. A name that does not exist
/// (NXDOMAIN), one without such records, a server that fails (SERVFAIL) or refuses, one that is
/// silent, an answer that was cut short and one that is none are told apart.
///
/// The servers of the system, or those that are set, are asked one after the other, by UDP and
/// where the answer is cut short by TCP; the first that says yes or no is believed. Nothing is kept
/// between runs, and neither the hosts file nor search domains are looked at: a name is a whole
/// one, with or without the dot at its end. Aliases (CNAME) are followed as far as the server does.
/// Signatures (DNSSEC) are not verified.
///
/// ```
/// use health_checks::{Dns, DnsRecord};
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let there = Dns::new("example.com", DnsRecord::Mx)?;
/// let exact = Dns::new("db.internal", DnsRecord::A)?
///     .server("10.0.0.2")?
///     .expect_all(["10.0.0.11", "10.0.0.12"])?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Dns {
    question: Question,
    servers: Servers,
    expected: Expected,
}

impl Dns {
    /// Makes a check of a name and a type of record.
    ///
    /// # Errors
    /// Fails for what cannot be a name.
    pub fn new(name: impl AsRef<str>, record: DnsRecord) -> Result<Self, SettingError> {
        let text = name.as_ref();
        let wrong = || {
            SettingError::new(
                format!("DNS check of `{}`", text.escape_debug()),
                "this is no name; write labels of up to 63 bytes, with dots between them",
            )
        };
        if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong());
        }
        let mut name = Name::from_utf8(text).map_err(|_| wrong())?;
        name.set_fqdn(true);
        Ok(Self {
            question: Question { name, record },
            servers: Servers::default(),
            expected: Expected::default(),
        })
    }

    /// Asks this server, besides others that were set: an address, with its port or with 53.
    /// Without any, those of the system are asked, as they stand in `/etc/resolv.conf` at each run.
    ///
    /// # Errors
    /// Fails for what is no address. The name of a server would have to be asked for first.
    pub fn server(mut self, address: impl AsRef<str>) -> Result<Self, SettingError> {
        self.servers.add(address.as_ref())?;
        Ok(self)
    }

    /// Expects exactly these records, in whichever order, in the place of another expectation.
    ///
    /// They are written as in a zone: `10.0.0.1`, `mail.example.com`, `10 mail.example.com` (MX),
    /// `0 5 5432 db.example.com` (SRV: priority, weight, port, target), `0 issue letsencrypt.org`
    /// (CAA), the text itself (TXT). Case and the dot at the end of names do not count.
    ///
    /// # Errors
    /// Fails for what cannot be a record of the type.
    pub fn expect_all<T: AsRef<str>>(
        mut self,
        records: impl IntoIterator<Item = T>,
    ) -> Result<Self, SettingError> {
        self.expected = Expected::All(self.question.record.read_all(records)?);
        Ok(self)
    }

    /// Expects at least one of these records, in the place of another expectation; written as for
    /// [`Dns::expect_all`].
    ///
    /// # Errors
    /// Fails for what cannot be a record of the type.
    pub fn expect_any<T: AsRef<str>>(
        mut self,
        records: impl IntoIterator<Item = T>,
    ) -> Result<Self, SettingError> {
        self.expected = Expected::Any(self.question.record.read_all(records)?);
        Ok(self)
    }

    /// Expects that the name has no such record, or does not exist; in the place of another
    /// expectation.
    #[must_use]
    pub fn expect_none(mut self) -> Self {
        self.expected = Expected::Nothing;
        self
    }

    fn about(&self, health: Health) -> Health {
        health
            .detail("name", self.question.shown_name())
            .detail("recordType", self.question.record.to_string())
    }

    fn health_of(&self, found: &Found, server: SocketAddr, took: Duration) -> Health {
        let problem = self.expected.problem(found, &self.question);
        let health = self.about(if problem.is_none() {
            Health::up()
        } else {
            Health::down()
        });
        let answers: Vec<Value> = found
            .answers
            .iter()
            .take(SHOWN_RECORDS)
            .map(|answer| shown(answer.as_bytes()).into())
            .collect();
        health
            .detail("answers", answers)
            .detail("count", found.answers.len())
            .detail("ttlSeconds", found.ttl_seconds)
            .detail("server", server.to_string())
            .detail("answerMs", millis(took))
            .detail("error", problem)
    }
}

#[async_trait]
impl Check for Dns {
    async fn check(&self) -> CheckResult {
        Ok(match self.servers.ask(&self.question).await {
            Ok((found, server, took)) => self.health_of(&found, server, took),
            Err(reason) => self.about(Health::down()).detail("error", reason),
        })
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the question and whom it is put to.
impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dns")
            .field("name", &self.question.shown_name())
            .field("record", &self.question.record)
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}
