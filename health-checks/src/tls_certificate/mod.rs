//! The certificate of a TLS server.

mod chain;
mod witness;

use std::{
    fmt,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};
use rustls::pki_types::ServerName;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use self::{chain::Chain, witness::Witness};
use crate::{
    SettingError, Tls,
    mail::{Dialogue, own_name},
    millis::millis,
    net::{Address, Stream, connect, handshake, plain, server_name, tls_version},
    patience::within,
};

/// The port that is asked where none is written.
pub const DEFAULT_TLS_PORT: u16 = 443;

/// With how many days left a certificate is renewed, unless
/// [`TlsCertificate::min_days_left`] says otherwise. Half of what those who renew
/// certificates of 90 days automatically leave themselves.
pub const DEFAULT_MIN_DAYS_LEFT: u32 = 14;

const WHAT: &str = "TLS certificate check of";

/// Checks that a TLS server shows a certificate that its clients trust, with enough days left.
///
/// Details: `address` as it was set, `hostName` that the certificate has to be for, `connectMs`,
/// `tls` with the version, `subject`, `issuer`, `serialNumber`, `alternativeNames`, `validFrom`,
/// `validTo` of the server's own certificate, `daysLeft` until the first of the chain expires,
/// `chain` with all certificates that were shown, `clientCertificate` where the server asks for
/// one, `error` when there is something wrong.
///
/// A certificate that clients refuse (expired, not yet valid, for another name, of an unknown
/// authority) is DOWN with that reason, and the details show it all the same. One that is valid
/// and has fewer days left than [`min_days_left`](Self::min_days_left) is
/// [`Status::DEGRADED`] ([`expiring`](Self::expiring) sets another status): nothing fails yet, and
/// somebody has to act. An intermediate certificate that expires earlier counts as the server's own;
/// one that has expired counts only where clients need it, since servers hand out superfluous ones.
///
/// Whether a certificate was revoked is not asked. A server that wants a certificate of its clients
/// is asked without one, unless there is one in [`tls`](Self::tls): what it shows is known before it
/// refuses.
///
/// ```
/// use health_checks::TlsCertificate;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let public = TlsCertificate::new("example.com")?;
/// let behind = TlsCertificate::new("10.0.0.7:8443")?.host_name("api.internal")?.min_days_left(30);
/// let mail = TlsCertificate::new("smtp.example.com:587")?.starttls_smtp();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TlsCertificate {
    address: Address,
    host_name: String,
    name: ServerName<'static>,
    min_days_left: u32,
    expiring: Status,
    tls: Tls,
    starttls: bool,
}

impl TlsCertificate {
    /// Makes a check of a server, `host` or `host:port`; the port is [`DEFAULT_TLS_PORT`] unless
    /// it is written.
    ///
    /// # Errors
    /// Fails for what is no host.
    pub fn new(address: impl AsRef<str>) -> Result<Self, SettingError> {
        let address = Address::parse(WHAT, address.as_ref(), Some(DEFAULT_TLS_PORT))?;
        let tls = Tls::new();
        tls.load();
        Ok(Self {
            host_name: address.host.clone(),
            name: address.server_name(WHAT)?,
            address,
            min_days_left: DEFAULT_MIN_DAYS_LEFT,
            expiring: Status::DEGRADED,
            tls,
            starttls: false,
        })
    }

    /// Sets for which name the server is asked (SNI) and its certificate has to be; default the
    /// host that is connected to.
    ///
    /// # Errors
    /// Fails for what is neither a host name nor an address.
    pub fn host_name(mut self, name: impl AsRef<str>) -> Result<Self, SettingError> {
        self.name = server_name("host name", name.as_ref())?;
        self.host_name = name.as_ref().to_owned();
        Ok(self)
    }

    /// Sets how many whole days have to be left, inclusive; default [`DEFAULT_MIN_DAYS_LEFT`].
    #[must_use]
    pub fn min_days_left(mut self, days: u32) -> Self {
        self.min_days_left = days;
        self
    }

    /// Sets the status of a certificate that is valid and has too few days left; default
    /// [`Status::DEGRADED`].
    ///
    /// That one is declared where a component has it from its impact. Elsewhere declare it by
    /// [`Builder::custom_status`](health_core::Builder::custom_status): a status that nobody
    /// declared counts as DOWN.
    #[must_use]
    pub fn expiring(mut self, status: impl Into<Status>) -> Self {
        self.expiring = status.into();
        self
    }

    /// Sets whom to trust and as whom to come; default the authorities of the system, and nobody.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Asks a mail server, which begins TLS by STARTTLS.
    #[must_use]
    pub fn starttls_smtp(mut self) -> Self {
        self.starttls = true;
        self
    }

    /// Returns why the server cannot be trusted, or nothing.
    async fn ask(&self, seen: &mut Seen, witness: &Witness) -> Result<(), String> {
        let start = Instant::now();
        let stream = within("connection", connect(&self.address)).await;
        let stream = stream.map_err(told)?.map_err(told)?;
        seen.connect_ms = Some(millis(start.elapsed()));

        let stream = if self.starttls {
            start_tls(stream).await?
        } else {
            plain(stream)
        };
        let shaking = handshake(stream, &self.name, &self.tls, witness.config());
        match within("TLS handshake", shaking).await.map_err(told)? {
            Ok(mut stream) => {
                seen.tls = tls_version(&stream);
                let _ = stream.shutdown().await;
                Ok(())
            }
            Err(refused) if witness.was_refused_without_certificate(&refused) => Ok(()),
            Err(error) => {
                seen.is_issuer_unknown = error.is_issuer_unknown();
                Err(told(error))
            }
        }
    }

    /// Judges a chain that is trusted.
    fn judge(&self, chain: &Chain, now: i64) -> (Status, Option<String>) {
        let Some(first) = chain.first_to_expire(now) else {
            return (Status::UP, None);
        };
        let whose = if first.is_of_server {
            "the certificate".to_owned()
        } else {
            format!("the certificate of its authority `{}`", first.subject)
        };
        let (days, least) = (first.days_left(now), self.min_days_left);
        if days < 0 {
            // Nobody minds, by `insecure_accept_any_certificate`.
            return (Status::DOWN, Some(format!("{whose} has expired")));
        }
        if days >= i64::from(least) {
            return (Status::UP, None);
        }
        let reason = format!("{whose} expires in {days} days, at least {least} are expected");
        (self.expiring.clone(), Some(reason))
    }
}

/// What a run has come to know besides the certificates.
#[derive(Default)]
struct Seen {
    connect_ms: Option<u64>,
    tls: Option<&'static str>,
    is_issuer_unknown: bool,
}

#[async_trait]
impl Check for TlsCertificate {
    async fn check(&self) -> CheckResult {
        let mut seen = Seen::default();
        let witness = Witness::new(&self.tls);
        let asked = self.ask(&mut seen, &witness).await;
        let now = now();
        let chain = witness.chain().map(|shown| Chain::read(&shown));
        let (status, error) = match (asked, &chain) {
            (Err(reason), Some(Ok(chain))) if chain.is_self_signed() => {
                (Status::DOWN, Some(format!("{reason}; it is self-signed")))
            }
            (Err(reason), Some(Ok(chain))) if seen.is_issuer_unknown && chain.is_alone() => {
                let hint = "it is shown without those that lead to its authority";
                (Status::DOWN, Some(format!("{reason}; {hint}")))
            }
            (Err(reason), _) => (Status::DOWN, Some(reason)),
            (Ok(()), None) => (
                Status::DOWN,
                Some("the server showed no certificate".to_owned()),
            ),
            (Ok(()), Some(Err(problem))) => (Status::DOWN, Some(problem.to_string())),
            (Ok(()), Some(Ok(chain))) => self.judge(chain, now),
        };
        let mut health = Health::new(status)
            .detail("address", self.address.to_string())
            .detail("hostName", self.host_name.clone())
            .detail("connectMs", seen.connect_ms)
            .detail("tls", seen.tls)
            .detail("clientCertificate", witness.client_certificate())
            .detail("error", error);
        if let Some(Ok(chain)) = chain {
            health = chain.describe(health, now);
        }
        Ok(health)
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the address and the host name.
impl fmt::Debug for TlsCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsCertificate")
            .field("address", &self.address)
            .field("host_name", &self.host_name)
            .field("min_days_left", &self.min_days_left)
            .finish_non_exhaustive()
    }
}

async fn start_tls(stream: TcpStream) -> Result<Stream, String> {
    let own_name = own_name(&stream);
    let mut server = Dialogue::over(plain(stream));
    within("greeting", server.greeting())
        .await
        .map_err(told)??;
    if server.hello(&own_name).await?.has("STARTTLS") {
        server.starttls().await
    } else {
        Err("the server does not offer STARTTLS".to_owned())
    }
}

fn told(error: impl fmt::Display) -> String {
    error.to_string()
}

/// Returns the time in seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}
