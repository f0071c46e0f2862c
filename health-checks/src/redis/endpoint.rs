//! Where a server is, read from a URL, and how a connection to it is opened.

use std::io;

use redis::{ConnectionAddr, ConnectionInfo};
use rustls::pki_types::ServerName;
use tokio::net::{TcpStream, UnixStream};

use super::{failure::Failure, own::Open};
use crate::{
    SettingError, Tls,
    net::{Address, connect, handshake, io_reason, plain, server_name},
};

const UNKNOWN_ADDRESS: &str = "this kind of address is not known";

/// Holds the parts of a URL; what of them may be seen is `place`.
#[derive(Clone)]
pub(crate) struct Endpoint {
    info: ConnectionInfo,
    /// Host and port, or the path of the socket.
    pub(crate) place: String,
    pub(crate) secured: Option<Secured>,
}

/// How the connection is secured.
#[derive(Clone)]
pub(crate) struct Secured {
    pub(crate) tls: Tls,
    /// Whom the certificate has to be for.
    name: ServerName<'static>,
}

impl Endpoint {
    /// Reads a URL. The driver never sees that it asks for TLS: it would build that on the crypto
    /// provider of the process, and panic where there are two to choose from.
    pub(crate) fn parse(url: &str) -> Result<Self, SettingError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| {
            wrong("there is no scheme; write `redis://` or `rediss://` before it")
        })?;
        let (scheme, is_secured) = match scheme {
            "rediss" | "valkeys" => ("redis", true),
            scheme => (scheme, false),
        };
        if rest.contains('#') {
            return Err(wrong(
                "there is a `#` in it; of a password write it as `%23`, a fragment means nothing",
            ));
        }
        let info: ConnectionInfo = format!("{scheme}://{rest}").parse().map_err(|_| {
            wrong(
                "this is no URL such as `redis://user:password@host:6379/0`; characters of the \
                 password such as `/`, `?`, `[` or `@` are written as `%2F`, `%3F`, `%5B`, `%40`",
            )
        })?;
        let place = match info.addr() {
            ConnectionAddr::Tcp(host, port) if host.contains(':') => format!("[{host}]:{port}"),
            ConnectionAddr::Tcp(host, port) => format!("{host}:{port}"),
            ConnectionAddr::Unix(path) => path.display().to_string(),
            _ => return Err(wrong(UNKNOWN_ADDRESS)),
        };
        let secured = match info.addr() {
            ConnectionAddr::Tcp(host, _) if is_secured => {
                let tls = Tls::new();
                tls.load();
                let name = server_name("Redis check of", host)?;
                Some(Secured { tls, name })
            }
            _ => None,
        };
        Ok(Self {
            info,
            place,
            secured,
        })
    }

    /// Sets whom to trust.
    pub(crate) fn set_tls(&mut self, tls: Tls) -> Result<(), SettingError> {
        let Some(secured) = &mut self.secured else {
            let problem = "the URL does not ask for TLS; write `rediss://`";
            return Err(SettingError::new("TLS of the Redis check", problem));
        };
        secured.tls = loaded(tls);
        Ok(())
    }

    /// Returns the number of the database.
    #[allow(dead_code, reason = "only Celery makes keys of it")]
    pub(crate) fn database(&self) -> i64 {
        self.info.redis_settings().db()
    }

    /// Opens a connection, authenticates and selects the database.
    pub(crate) async fn open(&self) -> Result<Open, Failure> {
        let open = match (self.info.addr(), &self.secured) {
            (ConnectionAddr::Tcp(host, port), secured) => {
                let tcp = plain(self.connect(host, *port).await?);
                match secured {
                    None => Open::over(tcp).await?,
                    Some(Secured { tls, name }) => {
                        let stream = handshake(tcp, name, tls, tls.client_config()).await;
                        let failed = |e| Failure::Connection(format!("{}: {e}", self.place));
                        Open::over(stream.map_err(failed)?).await?
                    }
                }
            }
            (ConnectionAddr::Unix(path), _) => {
                let socket = UnixStream::connect(path).await;
                Open::over(socket.map_err(|error| self.not_connected(&error))?).await?
            }
            _ => return Err(Failure::Connection(UNKNOWN_ADDRESS.to_owned())),
        };
        self.introduce(open).await
    }

    async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, Failure> {
        let address = Address {
            host: host.to_owned(),
            port,
        };
        let tcp = connect(&address)
            .await
            .map_err(|error| Failure::Connection(error.to_string()))?;
        let _ = tcp.set_nodelay(true);
        Ok(tcp)
    }

    fn not_connected(&self, error: &io::Error) -> Failure {
        Failure::Connection(format!(
            "no connection to {}: {}",
            self.place,
            io_reason(error)
        ))
    }

    /// The driver would do this by itself, but calls whatever is answered a wrong password.
    async fn introduce(&self, mut open: Open) -> Result<Open, Failure> {
        let settings = self.info.redis_settings();
        if let Some(password) = settings.password() {
            let mut command = redis::cmd("AUTH");
            if let Some(user) = settings.username() {
                command.arg(user);
            }
            let answer = open.send(command.arg(password)).await;
            answer.map_err(|error| open.explain(&error, Failure::of_authentication))?;
        }
        if settings.db() != 0 {
            open.ask(redis::cmd("SELECT").arg(settings.db())).await?;
        }
        Ok(open)
    }
}

/// Reads the certificates of the system now, and not when the check runs.
fn loaded(tls: Tls) -> Tls {
    tls.load();
    tls
}

fn wrong(problem: &str) -> SettingError {
    SettingError::new("URL of the Redis check", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_no_secret_is_told() {
        let cases = [
            ("host", "redis://db", Ok("db:6379")),
            ("all", "redis://u:s3cret@db:1/2", Ok("db:1")),
            ("IPv6", "redis://:s3cret@[::1]:1", Ok("[::1]:1")),
            ("TLS", "rediss://:s3cret@db", Ok("db:6379")),
            ("Valkey", "valkeys://db:1", Ok("db:1")),
            (
                "socket",
                "unix:///run/redis.sock?pass=s3cret",
                Ok("/run/redis.sock"),
            ),
            ("no scheme", "db:6379", Err("there is no scheme")),
            (
                "other scheme",
                "http://s3cret@db",
                Err("this is no URL such as"),
            ),
            ("number", "redis://db/s3cret", Err("this is no URL such as")),
            (
                "raw password",
                "redis://:s3/cret@db:1",
                Err("this is no URL such as"),
            ),
            (
                "fragment",
                "redis://:s3#cret@db",
                Err("there is a `#` in it"),
            ),
            ("empty", "", Err("there is no scheme")),
            ("no host", "redis://", Err("this is no URL such as")),
        ];
        for (name, url, expected) in cases {
            match (Endpoint::parse(url), expected) {
                (Ok(endpoint), Ok(place)) => assert_eq!(endpoint.place, place, "{name}"),
                (Err(error), Err(problem)) => {
                    let text = error.to_string();
                    let expected = format!("URL of the Redis check: {problem}");
                    assert!(text.starts_with(&expected), "{name}: {text}");
                    assert!(!text.contains("s3"), "{name}: {text}");
                }
                (result, _) => panic!("{name}: {:?}", result.map(|endpoint| endpoint.place)),
            }
        }
    }
}
