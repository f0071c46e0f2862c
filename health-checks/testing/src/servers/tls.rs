//! A TLS server: the `ssl` module of Python, which is OpenSSL.

use std::net::SocketAddr;

use super::script::Script;
use crate::{Identity, Restart};

/// A server that agrees on TLS and then listens only.
#[derive(Debug)]
pub struct TlsServer(Script);

/// The version that a server speaks, and no other.
#[derive(Clone, Copy, Debug)]
pub enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3.
    V1_3,
}

impl TlsServer {
    /// Starts a server that shows an identity, whose certificate may be a whole chain.
    pub fn start(identity: &Identity, version: TlsVersion) -> Self {
        Self::with(identity, version, None)
    }

    /// Starts a server that wants its clients to show a certificate of an authority.
    pub fn start_mutual(identity: &Identity, version: TlsVersion, authority: &str) -> Self {
        Self::with(identity, version, Some(authority))
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn with(identity: &Identity, version: TlsVersion, authority: Option<&str>) -> Self {
        let mut script = Script::new("tls", include_str!("tls.py"));
        let chain = script.folder.write("chain.pem", &identity.certificate);
        let key = script.folder.write("key.pem", &identity.key);
        let authority = authority.map_or_else(
            || "-".to_owned(),
            |pem| script.folder.write("authority.pem", pem),
        );
        let version = match version {
            TlsVersion::V1_2 => "TLSv1_2",
            TlsVersion::V1_3 => "TLSv1_3",
        };
        for argument in [&chain, &key, version, &authority] {
            script.argument(argument);
        }
        script.start();
        Self(script)
    }
}

impl Restart for TlsServer {
    fn kill(&mut self) {
        self.0.kill();
    }

    fn start(&mut self) {
        self.0.start();
    }
}
