//! An address of a gRPC server, and a connection to it for one run.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use health_core::RedactedUrl;
use rustls::pki_types::ServerName;
use tonic::transport::Uri;

use super::connection::Connection;
use crate::{
    SettingError, Tls,
    net::{Address, ClientCertificate, Stream, connect, handshake, plain},
    patience::within,
};

/// What HTTP/2 is called when TLS is agreed on.
///
/// Source: RFC 9113 section 3.2.
const ALPN_HTTP_2: &[u8] = b"h2";

#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) address: Address,
    pub(super) tls: Tls,
    /// The name that the certificate has to be for, where there is TLS.
    name: Option<ServerName<'static>>,
    origin: Uri,
}

impl Endpoint {
    pub(super) fn parse(text: &str) -> Result<Self, SettingError> {
        let wrong = |problem: &str| {
            let shown = RedactedUrl::new(text);
            let place = format!("gRPC check of `{}`", shown.as_str().escape_debug());
            SettingError::new(place, problem)
        };
        let (rest, default_port, has_tls) = match text.split_once("://") {
            Some(("http", rest)) => (rest, 80, false),
            Some(("https", rest)) => (rest, 443, true),
            _ => {
                return Err(wrong(
                    "write `http://host:port`, or `https://host:port` for TLS",
                ));
            }
        };
        let place = rest.strip_suffix('/').unwrap_or(rest);
        if place.contains('@') {
            return Err(wrong("gRPC has no user in its address; set metadata"));
        }
        if place.contains(['/', '?', '#']) {
            return Err(wrong(
                "only the host and the port are asked; leave out the rest",
            ));
        }
        let address = Address::parse("gRPC check of", place, Some(default_port))?;
        let name = if has_tls {
            Tls::new().load();
            Some(address.server_name("gRPC check of")?)
        } else {
            None
        };
        let scheme = if has_tls { "https" } else { "http" };
        let origin = format!("{scheme}://{address}").parse();
        Ok(Self {
            origin: origin.map_err(|_| wrong("this is no URL; write `http://host:port`"))?,
            address,
            tls: Tls::new(),
            name,
        })
    }

    pub(super) fn origin(&self) -> Uri {
        self.origin.clone()
    }

    /// Connects, and tells how long the other side took for TCP.
    pub(super) async fn connect(&self, time: &mut Option<Duration>) -> Result<Connection, String> {
        let start = Instant::now();
        let stream = within("connection", connect(&self.address)).await;
        let stream = stream.map_err(told)?.map_err(told)?;
        *time = Some(start.elapsed());
        let (stream, certificate) = match &self.name {
            Some(name) => {
                let encrypting = self.encrypt(plain(stream), name);
                let encrypted = within("TLS handshake", encrypting).await;
                let (stream, certificate) = encrypted.map_err(told)??;
                (stream, Some(certificate))
            }
            None => (plain(stream), None),
        };
        let opening = Connection::open(self.origin.clone(), stream, certificate);
        within("HTTP/2 connection", opening).await.map_err(told)?
    }

    async fn encrypt(
        &self,
        stream: Stream,
        name: &ServerName<'static>,
    ) -> Result<(Stream, Arc<ClientCertificate>), String> {
        let mut config = self.tls.client_config();
        config.alpn_protocols = vec![ALPN_HTTP_2.to_vec()];
        let certificate = ClientCertificate::watch(&mut config);
        let stream = handshake(stream, name, &self.tls, config);
        let stream = stream.await.map_err(told)?;
        // Servers behind old proxies agree on nothing and speak HTTP/2 all the same.
        match stream.get_ref().1.alpn_protocol() {
            None | Some(ALPN_HTTP_2) => Ok((Box::new(stream), certificate)),
            Some(_) => Err("the server does not speak HTTP/2".to_owned()),
        }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let cases = [
            ("port", "http://h:1", Ok("h:1")),
            ("no port", "http://h", Ok("h:80")),
            ("TLS, no port", "https://h/", Ok("h:443")),
            ("IPv6", "https://[::1]:5", Ok("[::1]:5")),
            ("no scheme", "h:1", Err("write `http://host:port`")),
            (
                "other scheme",
                "grpc://h:1",
                Err("write `http://host:port`"),
            ),
            ("path", "http://h:1/x", Err("leave out the rest")),
            ("user", "http://u:s3cret@h:1", Err("no user")),
            ("no host", "http://", Err("no host")),
            ("word for a port", "http://h:x", Err("no port")),
        ];
        for (name, text, expected) in cases {
            match (Endpoint::parse(text), expected) {
                (Ok(endpoint), Ok(shown)) => {
                    assert_eq!(endpoint.address.to_string(), shown, "{name}");
                }
                (Err(error), Err(part)) => {
                    let error = error.to_string();
                    assert!(error.contains(part), "{name}: {error}");
                    assert!(!error.contains("s3cret"), "{name}: {error}");
                }
                (Ok(_), Err(_)) => panic!("{name} was taken"),
                (Err(error), Ok(_)) => panic!("{name}: {error}"),
            }
        }
    }
}
