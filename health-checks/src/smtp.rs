//! A mail server: connect, STARTTLS and AUTH, without sending.

use std::{
    fmt,
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use health_core::{Check, CheckResult, Health, Scope, Secret, async_trait};
use rustls::pki_types::ServerName;
use tokio::time::timeout;

use crate::{
    SettingError, Tls,
    mail::{Dialogue, Offers, own_name},
    millis::millis,
    net::{Address, Stream, connect, handshake, plain, tls_version},
    patience::within,
};

/// The port that is asked where none is written: submission of mail.
///
/// Source: RFC 6409 section 3.1.
pub const DEFAULT_SMTP_PORT: u16 = 587;

/// How long the answer to the goodbye is waited for; it changes nothing any more.
const GOODBYE_WITHIN: Duration = Duration::from_millis(100);

/// Checks that a mail server greets, agrees on TLS and takes the credentials, without sending.
///
/// Details: `location` as it was set (Spring's key), `connectMs`, `tls` with the version when there
/// is TLS, `authenticated` when there are credentials, `error` when DOWN. Refused, not resolved,
/// silent, TLS, credentials that are not taken (with the server's code) and what is no mail server
/// are told apart.
///
/// Each run opens a connection, ends it by `QUIT` and leaves the server with neither sender nor
/// recipient. That a server would take a mail is not proved by it.
///
/// # Security
/// STARTTLS is required and certificates are verified unless an `insecure_` setter says otherwise.
/// The password shows nowhere; of the server's answer to it only the code is told. An answer that
/// comes before TLS and is meant to be read after it ends the check (RFC 3207 section 6).
///
/// ```
/// use health_checks::Smtp;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// # let password = "s3cret";
/// let check = Smtp::new("smtp.example.com:587")?.credentials("orders", password);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Smtp {
    location: String,
    address: Address,
    name: ServerName<'static>,
    security: Security,
    tls: Tls,
    credentials: Option<Credentials>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Security {
    StartTls,
    StartTlsIfOffered,
    Implicit,
    None,
}

#[derive(Clone)]
struct Credentials {
    user: String,
    password: Secret<String>,
}

impl Smtp {
    /// Makes a check of a server, `host` or `host:port`; the port is [`DEFAULT_SMTP_PORT`] unless
    /// it is written.
    ///
    /// # Errors
    /// Fails for what is no host.
    pub fn new(location: impl AsRef<str>) -> Result<Self, SettingError> {
        const WHAT: &str = "SMTP check of";
        let location = location.as_ref();
        let address = Address::parse(WHAT, location, Some(DEFAULT_SMTP_PORT))?;
        let tls = Tls::new();
        tls.load();
        Ok(Self {
            name: address.server_name(WHAT)?,
            location: location.to_owned(),
            address,
            security: Security::StartTls,
            tls,
            credentials: None,
        })
    }

    /// Begins with TLS instead of STARTTLS, as servers do on port 465.
    #[must_use]
    pub fn implicit_tls(mut self) -> Self {
        self.security = Security::Implicit;
        self
    }

    /// Sets whom to trust and as whom to come; default the authorities of the system, and nobody.
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Sets with what to authenticate, by AUTH PLAIN or LOGIN; default nothing.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.credentials = Some(Credentials {
            user: user.into(),
            password: Secret::new(password.into()),
        });
        self
    }

    /// Goes on without TLS where the server does not offer STARTTLS.
    ///
    /// # Security
    /// Whoever stands between can take the offer away. Credentials are not sent then.
    #[must_use]
    pub fn insecure_starttls_if_offered(mut self) -> Self {
        self.security = Security::StartTlsIfOffered;
        self
    }

    /// Never uses TLS.
    ///
    /// # Security
    /// Credentials, where there are some, can be read on the way.
    #[must_use]
    pub fn insecure_plain_text(mut self) -> Self {
        self.security = Security::None;
        self
    }

    async fn ask(&self, seen: &mut Seen) -> Result<(), String> {
        let start = Instant::now();
        let stream = within("connection", connect(&self.address)).await;
        let stream = stream.map_err(told)?.map_err(told)?;
        seen.connected = Some(start.elapsed());
        let own_name = own_name(&stream);

        let mut server = if self.security == Security::Implicit {
            self.encrypt(plain(stream), seen).await?
        } else {
            Dialogue::over(plain(stream))
        };
        within("greeting", server.greeting())
            .await
            .map_err(told)??;
        let mut offers = server.hello(&own_name).await?;
        if matches!(
            self.security,
            Security::StartTls | Security::StartTlsIfOffered
        ) {
            if offers.has("STARTTLS") {
                server = self.encrypt(server.starttls().await?, seen).await?;
                offers = server.hello(&own_name).await?;
            } else if self.security == Security::StartTls {
                return Err("the server does not offer STARTTLS".to_owned());
            }
        }
        if let Some(credentials) = &self.credentials {
            if seen.tls.is_none() && self.security != Security::None {
                return Err(
                    "the server does not offer STARTTLS, and credentials are not sent without TLS"
                        .to_owned(),
                );
            }
            credentials.show(&mut server, &offers).await?;
            seen.authenticated = true;
        }
        let _ = timeout(GOODBYE_WITHIN, server.goodbye()).await;
        Ok(())
    }

    async fn encrypt(&self, stream: Stream, seen: &mut Seen) -> Result<Dialogue, String> {
        let config = self.tls.client_config();
        let agreed = within(
            "TLS handshake",
            handshake(stream, &self.name, &self.tls, config),
        )
        .await;
        let stream = agreed.map_err(told)?.map_err(told)?;
        seen.tls = tls_version(&stream);
        Ok(Dialogue::over(Box::new(stream)))
    }
}

impl Credentials {
    /// Authenticates by what the server offers.
    ///
    /// Source: RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN).
    async fn show(&self, server: &mut Dialogue, offers: &Offers) -> Result<(), String> {
        let encode = |text: &str| BASE64_STANDARD.encode(text);
        let password = self.password.expose();
        let taken = if offers.has_mechanism("PLAIN") {
            let both = encode(&format!("\0{}\0{password}", self.user));
            server
                .secret_command(&format!("AUTH PLAIN {both}"), 235)
                .await
        } else if offers.has_mechanism("LOGIN") {
            server.secret_command("AUTH LOGIN", 334).await?;
            server.secret_command(&encode(&self.user), 334).await?;
            server.secret_command(&encode(password), 235).await
        } else {
            Err(offers.no_mechanism())
        };
        taken.map_err(|reason| format!("authentication failed: {reason}"))
    }
}

/// What a run has come to know, whether or not it succeeds.
#[derive(Default)]
struct Seen {
    connected: Option<Duration>,
    tls: Option<&'static str>,
    authenticated: bool,
}

#[async_trait]
impl Check for Smtp {
    async fn check(&self) -> CheckResult {
        let mut seen = Seen::default();
        let asked = self.ask(&mut seen).await;
        let health = if asked.is_ok() {
            Health::up()
        } else {
            Health::down()
        };
        Ok(health
            .detail("location", self.location.clone())
            .detail("connectMs", seen.connected.map(millis))
            .detail("tls", seen.tls)
            .detail(
                "authenticated",
                self.credentials.as_ref().map(|_| seen.authenticated),
            )
            .detail("error", asked.err()))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the location and the user.
impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp")
            .field("location", &self.location)
            .field("user", &self.credentials.as_ref().map(|given| &given.user))
            .finish_non_exhaustive()
    }
}

fn told(error: impl fmt::Display) -> String {
    error.to_string()
}
