//! Mail servers.

use health_core::Secret;

use super::{Host, host, reading::Reading};

const HOST: &str = "SMTP_HOST";
const SECURITY: &str = "SMTP_TRANSPORT_SECURITY";

/// Tells how a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportSecurity {
    /// Not at all.
    None,
    /// By STARTTLS after a greeting in the clear.
    StartTls,
    /// By TLS from the first byte.
    Tls,
}

impl TransportSecurity {
    /// Returns the port that is meant where `SMTP_PORT` is absent: 25, 587 or 465.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

/// Holds what `SMTP_*` say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Smtp {
    /// The server.
    pub host: Host,
    /// How the connection is protected; without `SMTP_TRANSPORT_SECURITY` not at all.
    pub transport_security: TransportSecurity,
    /// The user to sign in as.
    pub user: Option<String>,
    /// The password of the user.
    pub password: Option<Secret<String>>,
    /// How to sign in, such as `plain`; none means not to.
    pub auth_type: Option<String>,
    /// The domain of senders.
    pub domain: Option<String>,
    /// Whether the server's certificate is not to be verified. By default it is.
    pub insecure_skip_verify: bool,
}

pub(super) fn read(reading: &mut Reading<'_>) -> Option<(&'static str, Smtp)> {
    let port = reading
        .variables
        .has(HOST)
        .then(|| reading.port("SMTP_PORT"));
    let security = security(reading);
    let auth_type = reading.string("SMTP_AUTH_TYPE");
    let user = reading.string("SMTP_USER");
    let password = reading.secret("SMTP_PASSWORD");
    let domain = reading.string("SMTP_DOMAIN");
    let insecure_skip_verify = reading.bool("SMTP_SKIP_SSL_VERIFY").unwrap_or_default();
    let Some(text) = reading.text(HOST) else {
        if user.is_some() || password.is_some() || auth_type.is_some() {
            reading.missing(&[HOST]);
        }
        return None;
    };
    let port = port?.ok()?.unwrap_or(security?.usual_port());
    let host = match host::list(text, Some(port)).as_deref() {
        Ok([one]) => one.clone(),
        _ => {
            reading.problem(HOST, "it is not the name or the address of one host");
            return None;
        }
    };
    let smtp = Smtp {
        host,
        transport_security: security?,
        user,
        password,
        auth_type: auth_type.filter(|name| name != "not_provided" && name != "none"),
        domain,
        insecure_skip_verify,
    };
    Some((HOST, smtp))
}

/// Reads the protection. A word that is not known must not become a connection in the clear.
fn security(reading: &mut Reading<'_>) -> Option<TransportSecurity> {
    let text = reading.text(SECURITY).unwrap_or("none");
    match text.to_ascii_lowercase().as_str() {
        "none" => Some(TransportSecurity::None),
        "starttls" => Some(TransportSecurity::StartTls),
        "tls" => Some(TransportSecurity::Tls),
        _ => {
            reading.problem(SECURITY, "it is none of `none`, `starttls` and `tls`");
            None
        }
    }
}
