//! TLS towards a server: whom to trust, and as whom to come.

mod any_certificate;
#[allow(
    dead_code,
    reason = "some drivers shake hands themselves and tell why not"
)]
mod cause;
#[cfg(feature = "tls-certificate")]
mod judge;
mod pem;
mod system;

use std::{fmt, sync::Arc};

use rustls::{
    ClientConfig, Error, InconsistentKeys, RootCertStore,
    sign::{CertifiedKey, SingleCertAndKey},
};

use self::any_certificate::AnyCertificate;
#[allow(unused_imports, reason = "as above")]
pub(crate) use self::cause::{CLOSED, cause, is_closed};
pub(crate) use self::system::{has_roots, load};
use crate::SettingError;

/// Says whom a check trusts in TLS, and with which certificate it comes; unless told otherwise it
/// trusts the certificates of the system and shows none of its own.
///
/// It is rustls with ring whatever else is in the application's graph: the provider of the process
/// is neither needed nor set. TLS 1.2 and 1.3 are spoken.
///
/// `Debug` shows which settings there are, and no certificate or key.
///
/// ```
/// use health_checks::Tls;
///
/// # fn settings(ca: &str, certificate: &str, key: &str) -> Result<(), health_checks::SettingError> {
/// let tls = Tls::new().ca(ca)?.identity(certificate, key)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use = "it does nothing until a check is given it"]
pub struct Tls {
    trust: Trust,
    identity: Option<Arc<SingleCertAndKey>>,
}

#[derive(Clone, Default)]
enum Trust {
    #[default]
    System,
    Only(Arc<RootCertStore>),
    Anybody,
}

impl Tls {
    /// Trusts the certificates of the system.
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the authorities of a PEM text, *instead of* those of the system: what only a private
    /// authority signs is no business of the public ones. Called again it adds to them. To trust
    /// both, give both. Of this and
    /// [`Tls::insecure_accept_any_certificate`] the last one counts.
    ///
    /// # Errors
    /// Fails when the text holds no certificate, or one that cannot be read.
    pub fn ca(mut self, pem: impl AsRef<[u8]>) -> Result<Self, SettingError> {
        const PLACE: &str = "certificate authority";
        let mut roots = match self.trust {
            Trust::Only(roots) => Arc::unwrap_or_clone(roots),
            Trust::System | Trust::Anybody => RootCertStore::empty(),
        };
        for certificate in pem::certificates(PLACE, pem.as_ref())? {
            roots.add(certificate).map_err(|error| {
                let problem = format!("a certificate cannot be read: {error}");
                SettingError::new(PLACE, problem)
            })?;
        }
        self.trust = Trust::Only(Arc::new(roots));
        Ok(self)
    }

    /// Shows a certificate to a server that asks for one: a PEM text with the certificate first and
    /// then those that lead to its authority, and one with its private key, not encrypted (PKCS 8,
    /// PKCS 1 or SEC 1). Both may be the same text.
    ///
    /// # Errors
    /// Fails when one of them holds no such thing, and when the key is not that of the certificate.
    pub fn identity(
        mut self,
        certificate: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, SettingError> {
        const CERTIFICATE: &str = "client certificate";
        const KEY: &str = "key of the client certificate";
        let chain = pem::certificates(CERTIFICATE, certificate.as_ref())?;
        let key = pem::key(KEY, key.as_ref())?;
        let identity = CertifiedKey::from_der(chain, key, &system::provider()).map_err(
            |error| match error {
                Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                    SettingError::new(KEY, "it belongs to another certificate")
                }
                Error::InvalidCertificate(_) => {
                    SettingError::new(CERTIFICATE, format!("it cannot be read: {error}"))
                }
                _ => SettingError::new(KEY, "it is of a kind that is not known, or broken"),
            },
        )?;
        self.identity = Some(Arc::new(identity.into()));
        Ok(self)
    }

    /// Accepts whatever certificate the server shows: expired, for another host, or signed by
    /// nobody.
    ///
    /// # Security
    /// Whoever is on the way can answer in the server's place, and reads the credentials that the
    /// check sends. To trust a server with a certificate of its own, give that certificate to
    /// [`Tls::ca`].
    pub fn insecure_accept_any_certificate(mut self) -> Self {
        self.trust = Trust::Anybody;
        self
    }

    /// Tells whether nothing was set.
    #[allow(dead_code, reason = "only some checks share what they have by default")]
    pub(crate) fn is_default(&self) -> bool {
        matches!(self.trust, Trust::System) && self.identity.is_none()
    }

    /// Tells whether any authority is trusted; where none is, that is why nobody is.
    #[allow(dead_code, reason = "some checks have words of their own for it")]
    pub(crate) fn has_roots(&self) -> bool {
        !matches!(self.trust, Trust::System) || has_roots()
    }

    /// Reads the certificates of the system where they count, so that it is done where checks are
    /// set up and not where they run.
    #[allow(dead_code, reason = "drivers take the settings when they are made")]
    pub(crate) fn load(&self) {
        if matches!(self.trust, Trust::System) {
            load();
        }
    }

    /// Returns the settings for rustls, without protocols of ALPN.
    pub(crate) fn client_config(&self) -> ClientConfig {
        let builder = system::builder();
        let builder = match &self.trust {
            Trust::Only(roots) => builder.with_root_certificates(Arc::clone(roots)),
            Trust::Anybody => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate)),
            Trust::System => match system::verifier() {
                Some(verifier) => builder
                    .dangerous()
                    .with_custom_certificate_verifier(verifier),
                // What is asked without TLS must work all the same.
                None => builder.with_root_certificates(RootCertStore::empty()),
            },
        };
        let mut config = builder.with_no_client_auth();
        if let Some(identity) = &self.identity {
            config.client_auth_cert_resolver = Arc::clone(identity) as _;
        }
        config
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trusts = match &self.trust {
            Trust::System => "the authorities of the system".to_owned(),
            Trust::Only(roots) => format!("{} authorities", roots.len()),
            Trust::Anybody => "anybody".to_owned(),
        };
        f.debug_struct("Tls")
            .field("trusts", &trusts)
            .field("has_identity", &self.identity.is_some())
            .finish()
    }
}

/// Returns the settings of [`Tls::new`].
#[allow(dead_code, reason = "most checks are given a `Tls`")]
#[allow(
    clippy::unnecessary_wraps,
    reason = "it failed once, and callers are written for that"
)]
pub(crate) fn config() -> Result<ClientConfig, Error> {
    Ok(Tls::new().client_config())
}

#[cfg(test)]
mod tests;
