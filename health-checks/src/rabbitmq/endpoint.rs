//! Where a broker is, read from a URI.

use std::{fmt, io, sync::Mutex};

use async_rs::{Runtime, Tokio};
use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties,
    uri::{AMQPScheme, AMQPUri},
};
use rustls::pki_types::ServerName;

use super::{
    failure::{Failure, short},
    greeting::Server,
    kit::Kit,
    open::Open,
    transport::Transport,
};
use crate::{
    SettingError, Tls,
    net::{Address, connect, handshake, plain},
};

/// How the check calls itself to the broker.
const CONNECTION_NAME: &str = "health check";

/// The size of the largest frame, in bytes, unless the URI names another: the driver keeps room for
/// 64 of them, and those of a check are small. RabbitMQ 4 takes no less than 8192.
const FRAME_BYTES: u32 = 8192;

const PLACE: &str = "URI of the RabbitMQ check";

/// Holds the parts of a URI; what of them may be seen is the address and the virtual host.
#[derive(Clone)]
pub(crate) struct Endpoint {
    uri: AMQPUri,
    address: Address,
    secured: Option<Secured>,
}

#[derive(Clone)]
struct Secured {
    tls: Tls,
    name: ServerName<'static>,
}

impl Endpoint {
    /// Reads a URI. The driver never sees that it asks for TLS, since what it needs for that hangs
    /// on the crypto provider of the process.
    pub(crate) fn parse(uri: &str) -> Result<Self, SettingError> {
        let wrong = |problem: &str| SettingError::new(PLACE, problem);
        let (scheme, rest) = uri
            .split_once("://")
            .ok_or_else(|| wrong("there is no scheme; write `amqp://` or `amqps://` before it"))?;
        if !matches!(scheme, "amqp" | "amqps") {
            return Err(wrong("the scheme is neither `amqp` nor `amqps`"));
        }
        if rest.contains('#') {
            return Err(wrong(
                "there is a `#` in it; of a password write it as `%23`, a fragment means nothing",
            ));
        }
        let mut uri: AMQPUri = uri.parse().map_err(|_| {
            wrong(
                "this is no URI such as `amqp://user:password@host:5672/vhost`; characters of the \
                 password such as `/`, `?`, `[` or `@` are written as `%2F`, `%3F`, `%5B`, `%40`",
            )
        })?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let authority = &rest[..end];
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let host = if host.is_empty() { "localhost" } else { host };
        let port = uri.scheme.default_port();
        let address = Address::parse("RabbitMQ check of", host, Some(port))?;
        let secured = match uri.scheme {
            AMQPScheme::AMQP => None,
            AMQPScheme::AMQPS => {
                let tls = Tls::new();
                tls.load();
                let name = address.server_name("RabbitMQ check of")?;
                Some(Secured { tls, name })
            }
        };
        uri.scheme = AMQPScheme::AMQP;
        uri.query.frame_max.get_or_insert(FRAME_BYTES);
        if uri.vhost.is_empty() {
            "/".clone_into(&mut uri.vhost);
        }
        short(&uri.vhost).map_err(|_| wrong("the virtual host has more than 255 bytes"))?;
        Ok(Self {
            uri,
            address,
            secured,
        })
    }

    /// Sets whom to trust.
    pub(crate) fn tls(&mut self, tls: Tls) -> Result<(), SettingError> {
        let Some(secured) = &mut self.secured else {
            let problem = "the URI does not ask for TLS; write `amqps://`";
            return Err(SettingError::new("TLS of the RabbitMQ check", problem));
        };
        tls.load();
        secured.tls = tls;
        Ok(())
    }

    /// Opens a connection and authenticates.
    ///
    /// # Cancel safety
    /// Dropping the future ends the connection a moment later.
    pub(crate) async fn open(&self) -> Result<Open, Failure> {
        let tcp = connect(&self.address)
            .await
            .map_err(|error| Failure::Connection(error.to_string()))?;
        let _ = tcp.set_nodelay(true);
        let mut stream = plain(tcp);
        if let Some(Secured { tls, name }) = &self.secured {
            let secure = handshake(stream, name, tls, tls.client_config()).await;
            let failed = |error| Failure::Connection(format!("{}: {error}", self.address));
            stream = Box::new(secure.map_err(failed)?);
        }
        let (transport, leash) = Transport::new(stream);
        let greeting = transport.greeting();
        let runtime = Runtime::new(Kit {
            runtime: Tokio::current(),
            closed: transport.closed(),
        });
        let handed_over = Mutex::new(Some(transport));
        let hand_over = async move |_, _| {
            let transport = handed_over.lock().ok().and_then(|mut once| once.take());
            let used = || io::Error::from(io::ErrorKind::NotConnected);
            Ok(AsyncTcpStream::Plain(transport.ok_or_else(used)?))
        };
        let properties =
            ConnectionProperties::default().with_connection_name(CONNECTION_NAME.into());
        let connection =
            Connection::connector(self.uri.clone(), runtime, hand_over, properties).await;
        let greeting = greeting.take();
        let connection = connection.map_err(|error| Failure::of_opening(&error, &greeting))?;
        Ok(Open::new(connection, leash, Server::read(&greeting)))
    }
}

/// Shows where the broker is, and nothing of the user.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secured.is_some() {
            "amqps"
        } else {
            "amqp"
        };
        let vhost = &self.uri.vhost;
        write!(f, "{scheme}://{} {}", self.address, vhost.escape_debug())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_read_and_no_secret_is_told() {
        let long_vhost = format!("amqp://u:s3cret@mq/{}", "v".repeat(256));
        let cases = [
            ("host", "amqp://mq", Ok("amqp://mq:5672 /")),
            ("nothing", "amqp://", Ok("amqp://localhost:5672 /")),
            (
                "all",
                "amqp://u:s3cret@mq:1/v%2Fx?heartbeat=5",
                Ok("amqp://mq:1 v/x"),
            ),
            ("TLS", "amqps://u:s3cret@mq/v", Ok("amqps://mq:5671 v")),
            ("IPv6", "amqp://u:s3cret@[::1]:1/v", Ok("amqp://[::1]:1 v")),
            ("empty virtual host", "amqp://mq/", Ok("amqp://mq:5672 /")),
            (
                "slash for a virtual host",
                "amqp://mq//",
                Ok("amqp://mq:5672 /"),
            ),
            ("no scheme", "u:s3cret@mq", Err("there is no scheme")),
            (
                "other scheme",
                "http://u:s3cret@mq",
                Err("the scheme is neither"),
            ),
            (
                "port",
                "amqp://u:s3cret@mq:x",
                Err("this is no URI such as"),
            ),
            (
                "fragment",
                "amqp://u:s3#cret@mq",
                Err("there is a `#` in it"),
            ),
            (
                "raw password",
                "amqp://u:s3/cret@mq",
                Err("this is no URI such as"),
            ),
            (
                "long virtual host",
                long_vhost.as_str(),
                Err("the virtual host has more than 255 bytes"),
            ),
            (
                "heartbeat",
                "amqp://u:s3cret@mq?heartbeat=x",
                Err("this is no URI such as"),
            ),
        ];
        for (name, uri, expected) in cases {
            match (Endpoint::parse(uri), expected) {
                (Ok(endpoint), Ok(shown)) => assert_eq!(endpoint.to_string(), shown, "{name}"),
                (Err(error), Err(problem)) => {
                    let text = error.to_string();
                    let start = format!("{PLACE}: {problem}");
                    assert!(text.starts_with(&start), "{name}: {text}");
                    assert!(!text.contains("s3"), "{name}: {text}");
                }
                (result, _) => panic!("{name}: {:?}", result.map(|e| e.to_string())),
            }
        }
    }
}
