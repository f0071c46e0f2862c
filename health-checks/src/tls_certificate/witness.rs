//! Keeps what a server shows, whatever is thought of it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use crate::{
    Tls,
    net::{ClientCertificate, NoTls},
};

/// How many certificates of a chain are looked at; a longer one is not verified by anybody.
const MAX_CERTIFICATES: usize = 16;

/// Sees the handshake of one run.
pub(super) struct Witness {
    seen: Arc<Seen>,
    config: ClientConfig,
    client_certificate: Arc<ClientCertificate>,
}

#[derive(Debug)]
struct Seen {
    judge: Option<Arc<dyn ServerCertVerifier>>,
    chain: Mutex<Option<Vec<CertificateDer<'static>>>>,
    is_trusted: AtomicBool,
}

impl Witness {
    /// Makes a witness, and settings that let it see. They resume no session: the server shows its
    /// certificate at the beginning of one only.
    pub(super) fn new(tls: &Tls) -> Self {
        let seen = Arc::new(Seen {
            judge: tls.judge(),
            chain: Mutex::new(None),
            is_trusted: AtomicBool::new(false),
        });
        let mut config = tls.client_config();
        config.resumption = Resumption::disabled();
        let judge = Arc::clone(&seen) as _;
        config.dangerous().set_certificate_verifier(judge);
        Self {
            client_certificate: ClientCertificate::watch(&mut config),
            seen,
            config,
        }
    }

    /// Returns the settings to shake hands by.
    pub(super) fn config(&self) -> ClientConfig {
        self.config.clone()
    }

    /// Returns what the server showed, its own certificate first.
    pub(super) fn chain(&self) -> Option<Vec<CertificateDer<'static>>> {
        let chain = self.seen.chain.lock();
        chain.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says whether the server asked for a certificate of ours and got one.
    pub(super) fn client_certificate(&self) -> Option<&'static str> {
        let was_shown = self.client_certificate.was_shown()?;
        Some(if was_shown { "shown" } else { "requested" })
    }

    /// Tells whether a handshake failed for nothing but a client certificate that we do not have,
    /// after the server had shown one that is trusted. With TLS 1.3 the client does not even
    /// notice.
    pub(super) fn was_refused_without_certificate(&self, refused: &NoTls) -> bool {
        let is_alert = matches!(refused.cause(), Some(Error::AlertReceived(_)) | None);
        let has_none = self.client_certificate.was_shown() == Some(false);
        is_alert && has_none && self.seen.is_trusted.load(Ordering::Relaxed)
    }
}

impl Seen {
    fn judge(&self) -> Result<&dyn ServerCertVerifier, Error> {
        let judge = self.judge.as_deref();
        judge.ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer))
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown = [own].into_iter().chain(others).take(MAX_CERTIFICATES);
        let shown = shown.map(|certificate| certificate.clone().into_owned());
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        *chain = Some(shown.collect());
        drop(chain);
        let verified = self
            .judge()?
            .verify_server_cert(own, others, name, ocsp, now)?;
        self.is_trusted.store(true, Ordering::Relaxed);
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge()?
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge()?
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        match &self.judge {
            Some(judge) => judge.supported_verify_schemes(),
            None => ring::default_provider()
                .signature_verification_algorithms
                .supported_schemes(),
        }
    }
}
