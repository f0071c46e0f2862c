//! A gRPC server with the health service: grpcio and grpcio-health-checking (Python).
//!
//! It says SERVING of itself, of `orders.v1.Orders` and, to those who show [`TOKEN`], of
//! `protected`; NOT_SERVING of `resting` and UNKNOWN of `unclear`.

use std::net::SocketAddr;

use super::script::Script;
use crate::{Identity, Restart};

/// The bearer token that the service `protected` wants.
pub const TOKEN: &str = "s3cret-t0ken";

/// A gRPC server.
#[derive(Debug)]
pub struct Grpc(Script);

impl Grpc {
    /// Starts a server without TLS.
    pub fn start() -> Self {
        Self::with("health", &[])
    }

    /// Starts a server that has no health service.
    pub fn without_health() -> Self {
        Self::with("without", &[])
    }

    /// Starts a server with TLS.
    pub fn start_tls(identity: &Identity) -> Self {
        Self::with("health", &[&identity.certificate, &identity.key])
    }

    /// Starts a server with TLS that wants its clients to show a certificate of an authority.
    pub fn start_mutual_tls(identity: &Identity, authority: &str) -> Self {
        Self::with("health", &[&identity.certificate, &identity.key, authority])
    }

    /// Returns the address of the server.
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    fn with(mode: &str, files: &[&str]) -> Self {
        let mut script = Script::new("grpc", include_str!("grpc.py"));
        script.argument(mode);
        for (number, content) in files.iter().enumerate() {
            let file = script.folder.write(&format!("{number}.pem"), content);
            script.argument(file);
        }
        script.start();
        Self(script)
    }
}

impl Restart for Grpc {
    fn kill(&mut self) {
        self.0.kill();
    }

    fn start(&mut self) {
        self.0.start();
    }
}
