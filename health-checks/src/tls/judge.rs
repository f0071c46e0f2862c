//! What decides whom to trust, by itself.

use std::sync::Arc;

use rustls::client::{WebPkiServerVerifier, danger::ServerCertVerifier};

use super::{AnyCertificate, Tls, Trust, system};

impl Tls {
    /// Returns what judges certificates, or nothing where nobody is trusted.
    pub(crate) fn judge(&self) -> Option<Arc<dyn ServerCertVerifier>> {
        match &self.trust {
            Trust::System => system::verifier().map(|verifier| verifier as _),
            Trust::Only(roots) => {
                let (roots, provider) = (Arc::clone(roots), system::provider());
                let judge = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
                judge.ok().map(|judge| judge as _)
            }
            Trust::Anybody => Some(Arc::new(AnyCertificate)),
        }
    }
}
