//! What all settings stand on: the crypto provider, and the certificates of the system.

use std::sync::{Arc, LazyLock};

use rustls::{
    ClientConfig, ConfigBuilder, WantsVerifier,
    crypto::{CryptoProvider, ring},
};
use rustls_platform_verifier::Verifier;

static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));

/// Nothing where the system has no certificates, as in some images.
static VERIFIER: LazyLock<Option<Arc<Verifier>>> =
    LazyLock::new(|| Verifier::new(provider()).ok().map(Arc::new));

/// Returns the provider that all checks use.
///
/// They neither need nor set that of the process: rustls panics where it has to guess that one
/// because both ring and aws-lc-rs are in the application's graph.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::clone(&PROVIDER)
}

/// Reads the certificates of the system, once in a process. It takes some milliseconds, so it is
/// done where checks are set up and not where they run.
pub(crate) fn load() {
    LazyLock::force(&VERIFIER);
}

/// Tells whether the system has any certificate authority; in an image without certificates none
/// is trusted.
pub(crate) fn has_roots() -> bool {
    VERIFIER.is_some()
}

/// Returns what trusts the certificates of the system, where it has any.
pub(super) fn verifier() -> Option<Arc<Verifier>> {
    VERIFIER.clone()
}

/// Begins settings that name their provider.
pub(super) fn builder() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("invariant: ring speaks the protocol versions of rustls")
}
