//! A mail server: aiosmtpd (Python).

use std::net::SocketAddr;

use super::script::Script;
use crate::{Identity, Restart};

/// The user that the server knows.
pub const USER: &str = "orders";

/// The password of [`USER`].
pub const PASSWORD: &str = "s3cret-pa55word";

/// A mail server that authenticates by the given mechanisms, such as `PLAIN,LOGIN`.
#[derive(Debug)]
pub struct Smtp(Script);

impl Smtp {
    /// Starts a server that wants STARTTLS before anything else.
    pub fn starttls(identity: &Identity, mechanisms: &str) -> Self {
        Self::with("starttls", mechanisms, Some(identity))
    }

    /// Starts a server that begins with TLS.
    pub fn implicit_tls(identity: &Identity, mechanisms: &str) -> Self {
        Self::with("implicit", mechanisms, Some(identity))
    }

    /// Starts a server without TLS.
    pub fn plain(mechanisms: &str) -> Self {
        Self::with("plain", mechanisms, None)
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn with(mode: &str, mechanisms: &str, identity: Option<&Identity>) -> Self {
        let mut script = Script::new("smtp", include_str!("smtp.py"));
        script.argument(mode);
        script.argument(mechanisms);
        if let Some(identity) = identity {
            let certificate = script
                .folder
                .write("certificate.pem", &identity.certificate);
            let key = script.folder.write("key.pem", &identity.key);
            script.argument(certificate);
            script.argument(key);
        }
        script.start();
        Self(script)
    }
}

impl Restart for Smtp {
    fn kill(&mut self) {
        self.0.kill();
    }

    fn start(&mut self) {
        self.0.start();
    }
}
