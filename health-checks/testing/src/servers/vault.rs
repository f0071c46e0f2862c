//! A stand-in for Vault, of which no server is to be had: a Python script that gives the answers of
//! its documentation, by TLS.

use std::net::SocketAddr;

use super::script::Script;
use crate::{Identity, Restart};

/// A server that is active and knows one token.
#[derive(Debug)]
pub struct Vault(Script);

impl Vault {
    /// Starts a server that shows an identity.
    pub fn start(identity: &Identity, token: &str) -> Self {
        let mut script = Script::new("vault", include_str!("vault.py"));
        script.argument(token);
        for (name, content) in [
            ("chain.pem", &identity.certificate),
            ("key.pem", &identity.key),
        ] {
            let file = script.folder.write(name, content);
            script.argument(file);
        }
        script.start();
        Self(script)
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

impl Restart for Vault {
    fn kill(&mut self) {
        self.0.kill();
    }

    fn start(&mut self) {
        self.0.start();
    }
}
