//! Whether a server asks its clients for a certificate.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rustls::{ClientConfig, SignatureScheme, client::ResolvesClientCert, sign::CertifiedKey};

/// Notes whether the server asks for a certificate of its clients. With TLS 1.3 the client learns
/// of nothing else when it has none: it is turned away after it has agreed.
#[derive(Debug)]
pub(crate) struct ClientCertificate {
    own: Arc<dyn ResolvesClientCert>,
    was_asked_for: AtomicBool,
}

impl ClientCertificate {
    /// Puts itself between the settings and their certificate.
    pub(crate) fn watch(config: &mut ClientConfig) -> Arc<Self> {
        let watching = Arc::new(Self {
            own: Arc::clone(&config.client_auth_cert_resolver),
            was_asked_for: AtomicBool::new(false),
        });
        config.client_auth_cert_resolver = Arc::clone(&watching) as _;
        watching
    }

    /// Tells whether there is one, where the server asked for it.
    pub(crate) fn was_shown(&self) -> Option<bool> {
        let was_asked_for = self.was_asked_for.load(Ordering::Relaxed);
        was_asked_for.then(|| self.own.has_certs())
    }
}

impl ResolvesClientCert for ClientCertificate {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_asked_for.store(true, Ordering::Relaxed);
        self.own.resolve(hints, schemes)
    }

    fn has_certs(&self) -> bool {
        // Where there is none rustls would not ask, and so not tell that the server did.
        true
    }
}
