//! The TLS settings of the shared client: rustls with ring, and the certificates of the system.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, Error, RootCertStore, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt;

static SETTINGS: LazyLock<Result<Settings, Error>> = LazyLock::new(Settings::of_system);

struct Settings {
    config: ClientConfig,
    has_roots: bool,
}

/// Reads the certificates of the system, once in a process. It takes some milliseconds, so it is
/// done where checks are set up and not where they run.
pub(super) fn load() {
    LazyLock::force(&SETTINGS);
}

/// Returns the settings, which name their crypto provider.
///
/// They neither need nor set the provider of the process: rustls panics where it has to guess
/// that one because both ring and aws-lc-rs are in the application's graph.
pub(super) fn config() -> Result<ClientConfig, Error> {
    SETTINGS
        .as_ref()
        .map(|settings| settings.config.clone())
        .map_err(Error::clone)
}

/// Tells whether any certificate authority is trusted; in an image without certificates none is.
pub(super) fn has_roots() -> bool {
    SETTINGS.as_ref().is_ok_and(|settings| settings.has_roots)
}

impl Settings {
    fn of_system() -> Result<Self, Error> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let (builder, has_roots) = match builder.clone().with_platform_verifier() {
            Ok(builder) => (builder, true),
            // What is asked over plain HTTP must work all the same.
            Err(_) => (
                builder.with_root_certificates(RootCertStore::empty()),
                false,
            ),
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config, has_roots })
    }
}
