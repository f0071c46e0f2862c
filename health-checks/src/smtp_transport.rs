//! A mail server over the transport that the application sends with.

use std::{error::Error, fmt, io};

use health_core::{Check, CheckResult, Health, Scope, async_trait};
use lettre::{AsyncSmtpTransport, Tokio1Executor, transport::smtp};

use crate::{
    net::{io_reason, shown},
    patience::within,
};

/// The codes by which servers refuse credentials, or want others.
///
/// Source: RFC 4954 sections 4 and 6.
const REFUSED_CREDENTIALS: [&str; 5] = ["432", "454", "530", "534", "535"];

/// Checks that a mail server takes the connection and the credentials of the application's own
/// lettre transport, without sending.
///
/// Details: `location` as it was told (Spring's key), `error` when DOWN. The transport connects,
/// agrees on TLS and authenticates by its own settings, or takes a connection of its pool, and asks
/// for nothing (`NOOP`). Where there is no transport of lettre, take
/// [`Smtp`](https://docs.rs/health-checks/latest/health_checks/struct.Smtp.html), which tells more.
///
/// The time limit of the transport counts where it is shorter than that of the check; the check
/// gives up first and says so otherwise.
///
/// # Security
/// Of the server's answer to the credentials only the code is told. With the feature `tracing`
/// lettre writes down at DEBUG all that it sends, credentials included: an application that enables
/// it must not log `lettre` at DEBUG.
///
/// ```
/// use health_checks::SmtpTransport;
/// use lettre::{AsyncSmtpTransport, Tokio1Executor};
///
/// let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("localhost").build();
/// let check = SmtpTransport::new("localhost", transport);
/// ```
#[derive(Clone)]
pub struct SmtpTransport {
    location: String,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl SmtpTransport {
    /// Makes a check of a transport; `location` is how its server is called in the details.
    pub fn new(location: impl Into<String>, transport: AsyncSmtpTransport<Tokio1Executor>) -> Self {
        Self {
            location: location.into(),
            transport,
        }
    }

    async fn ask(&self) -> Result<(), String> {
        let asked = within("answer", self.transport.test_connection()).await;
        match asked.map_err(|late| late.to_string())? {
            Ok(true) => Ok(()),
            Ok(false) => Err("the connection was taken and then broke off".to_owned()),
            Err(error) => Err(reason(&error)),
        }
    }
}

#[async_trait]
impl Check for SmtpTransport {
    async fn check(&self) -> CheckResult {
        let asked = self.ask().await;
        let health = if asked.is_ok() {
            Health::up()
        } else {
            Health::down()
        };
        Ok(health
            .detail("location", self.location.clone())
            .detail("error", asked.err()))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the location.
impl fmt::Debug for SmtpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpTransport")
            .field(&self.location)
            .finish()
    }
}

fn reason(error: &smtp::Error) -> String {
    if let Some(code) = error.status() {
        let code = code.to_string();
        return if REFUSED_CREDENTIALS.contains(&code.as_str()) {
            format!("authentication failed: the server answered {code}")
        } else {
            format!(
                "the server answered with an error: {}",
                shown(error.to_string().as_bytes())
            )
        };
    }
    if error.is_timeout() {
        return "no answer within the time limit of the transport".to_owned();
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        match inner.downcast_ref::<io::Error>() {
            Some(error) if error.get_ref().is_none() => {
                return match error.kind() {
                    io::ErrorKind::ConnectionRefused => {
                        "the server refused the connection".to_owned()
                    }
                    _ => format!("the connection failed: {}", io_reason(error)),
                };
            }
            _ => cause = inner.source(),
        }
    }
    shown(error.to_string().as_bytes())
}
