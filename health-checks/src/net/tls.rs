//! TLS over a connection, and why there is none.

use std::{error::Error, fmt, io, sync::Arc};

use rustls::{ClientConfig, ProtocolVersion, pki_types::ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

use super::{Address, io_reason};
use crate::{SettingError, Tls, tls};

/// A connection, with TLS or without.
pub(crate) type Stream = Box<dyn Duplex>;

/// What can be read and written.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection with TLS.
pub(crate) type TlsStream = tokio_rustls::client::TlsStream<Stream>;

/// Returns the name that a certificate has to be for; `what` names the check in an error.
pub(crate) fn server_name(what: &str, host: &str) -> Result<ServerName<'static>, SettingError> {
    ServerName::try_from(host.to_owned()).map_err(|_| {
        SettingError::new(
            format!("{what} `{}`", host.escape_debug()),
            "no certificate can be for such a name; write a host name or an address",
        )
    })
}

/// Shakes hands as a client, by settings that were made of `tls`. The caller limits the time.
pub(crate) async fn handshake(
    stream: Stream,
    name: &ServerName<'static>,
    tls: &Tls,
    config: ClientConfig,
) -> Result<TlsStream, NoTls> {
    let connector = TlsConnector::from(Arc::new(config));
    let shaking = connector.connect(name.clone(), stream);
    shaking.await.map_err(|error| NoTls {
        error,
        has_roots: tls.has_roots(),
    })
}

/// Returns the version that was agreed on, such as `TLSv1.3`.
pub(crate) fn version(stream: &TlsStream) -> Option<&'static str> {
    match stream.get_ref().1.protocol_version()? {
        ProtocolVersion::TLSv1_2 => Some("TLSv1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLSv1.3"),
        _ => None,
    }
}

/// Says why TLS was not agreed on.
#[derive(Debug)]
pub(crate) struct NoTls {
    error: io::Error,
    has_roots: bool,
}

impl NoTls {
    /// Returns what rustls says, unless the connection itself failed.
    pub(crate) fn cause(&self) -> Option<&rustls::Error> {
        self.error.get_ref()?.downcast_ref()
    }

    /// Tells whether no authority that is trusted was found to have signed.
    pub(crate) fn is_issuer_unknown(&self) -> bool {
        use rustls::{CertificateError::UnknownIssuer, Error::InvalidCertificate};
        matches!(self.cause(), Some(InvalidCertificate(UnknownIssuer)))
    }
}

impl fmt::Display for NoTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause() {
            Some(error) => write!(f, "TLS failed: {}", tls::cause(error, self.has_roots)),
            None if tls::is_closed(&self.error) => write!(f, "TLS failed: {}", tls::CLOSED),
            None => write!(f, "TLS failed: {}", io_reason(&self.error)),
        }
    }
}

impl Error for NoTls {}

/// Returns the connection as one of either kind.
pub(crate) fn plain(stream: tokio::net::TcpStream) -> Stream {
    Box::new(stream)
}

impl Address {
    /// Returns the name that a certificate of this host has to be for.
    pub(crate) fn server_name(&self, what: &str) -> Result<ServerName<'static>, SettingError> {
        server_name(what, &self.host)
    }
}
