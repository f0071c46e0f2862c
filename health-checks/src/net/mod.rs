//! The way to a server: its address, a connection to it, and why there is none.

#[cfg(feature = "_net_connect")]
#[allow(dead_code, reason = "some addresses are read from URLs")]
mod address;
#[cfg(feature = "_net_tls")]
#[allow(dead_code, reason = "not every check looks at it")]
mod client_certificate;
#[cfg(feature = "_net_connect")]
mod connect;
#[allow(dead_code, reason = "not every server says something")]
mod shown;
#[cfg(feature = "_net_tls")]
#[allow(dead_code, reason = "each check needs a part of it")]
mod tls;

use std::io;

#[allow(unused_imports, reason = "not every server says something")]
pub(crate) use self::shown::shown;
#[cfg(feature = "_net_connect")]
pub(crate) use self::{address::Address, connect::connect};
#[allow(unused_imports, reason = "each check needs a part of it")]
#[cfg(feature = "_net_tls")]
pub(crate) use self::{
    client_certificate::ClientCertificate,
    tls::{NoTls, Stream, handshake, plain, server_name, version as tls_version},
};

/// Says in a few words what became of a connection.
#[allow(dead_code, reason = "some drivers have words of their own")]
pub(crate) fn io_reason(error: &io::Error) -> String {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, TimedOut, UnexpectedEof,
    };
    match error.kind() {
        ConnectionRefused => "refused the connection".to_owned(),
        HostUnreachable => "there is no route to the host".to_owned(),
        NetworkUnreachable => "there is no route to the network".to_owned(),
        ConnectionReset | ConnectionAborted | BrokenPipe => "reset the connection".to_owned(),
        UnexpectedEof => "closed the connection".to_owned(),
        TimedOut => "the system gave up waiting".to_owned(),
        _ => error.to_string(),
    }
}
