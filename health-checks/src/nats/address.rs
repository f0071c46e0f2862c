//! Where the servers are, and as whom to come, read from URLs.

use async_nats::ServerAddr;
use health_core::Secret;

use crate::SettingError;

/// How many servers are taken from one text.
const MAX_SERVERS: usize = 32;

/// Holds servers without the credentials that stood in their URLs: the driver logs addresses as
/// they are.
#[derive(Clone)]
pub(super) struct Addresses {
    pub(super) servers: Vec<ServerAddr>,
    pub(super) credentials: Option<Credentials>,
}

/// What a URL names before its `@`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Credentials {
    /// One word is a token.
    Token(Secret<String>),
    /// Two are a user and a password.
    User(String, Secret<String>),
}

impl Addresses {
    /// Reads URLs that are separated by commas. A password may hold any character but a comma.
    pub(super) fn parse(text: &str) -> Result<Self, SettingError> {
        let mut servers = Vec::new();
        let mut credentials = None;
        for url in text.split(',').map(str::trim).take(MAX_SERVERS) {
            let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
            if !["nats", "tls"].contains(&scheme) {
                return Err(wrong(
                    "the scheme is not known; write `nats://` or `tls://`",
                ));
            }
            let (user_info, place) = match rest.rsplit_once('@') {
                Some((user_info, place)) => (Some(user_info), place),
                None => (None, rest),
            };
            let place = place.strip_suffix('/').unwrap_or(place);
            let server: ServerAddr = format!("{scheme}://{place}")
                .parse()
                .map_err(|_| wrong(NO_URL))?;
            if server.host().is_empty() || place.contains(['/', '?', '#']) {
                return Err(wrong(NO_URL));
            }
            servers.push(server);
            credentials = credentials.or(user_info.and_then(Credentials::parse));
        }
        Ok(Self {
            servers,
            credentials,
        })
    }

    /// Returns the hosts and ports.
    pub(super) fn place(&self) -> String {
        let places = self.servers.iter().map(|server| {
            let (host, port) = (server.host(), server.port());
            match host.contains(':') {
                true => format!("[{host}]:{port}"),
                false => format!("{host}:{port}"),
            }
        });
        places.collect::<Vec<_>>().join(", ")
    }
}

impl Credentials {
    fn parse(user_info: &str) -> Option<Self> {
        match user_info.split_once(':') {
            Some((user, password)) => {
                Some(Self::User(decoded(user), Secret::new(decoded(password))))
            }
            None if user_info.is_empty() => None,
            None => Some(Self::Token(Secret::new(decoded(user_info)))),
        }
    }
}

const NO_URL: &str = "this is no URL such as `nats://user:password@host:4222`";

fn wrong(problem: &str) -> SettingError {
    SettingError::new("URL of the NATS check", problem)
}

/// Reads `%40` and the like; what is no such code stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|_| first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        let code = code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_no_secret_is_told() {
        let user = |user: &str, password: &str| {
            let password = Secret::new(password.to_owned());
            Some(Credentials::User(user.to_owned(), password))
        };
        let token = Some(Credentials::Token(Secret::new("s3cret".to_owned())));
        let cases = [
            ("host", "db", Ok(("db:4222", None))),
            (
                "user",
                "nats://u:s3cret@db:1/",
                Ok(("db:1", user("u", "s3cret"))),
            ),
            ("token", "nats://s3cret@[::1]", Ok(("[::1]:4222", token))),
            (
                "raw password",
                "nats://u:p@/#?:%zz@db",
                Ok(("db:4222", user("u", "p@/#?:%zz"))),
            ),
            (
                "codes",
                "tls://u:p%40%c3%a9@db",
                Ok(("db:4222", user("u", "p@é"))),
            ),
            (
                "no text in codes",
                "tls://u:%ff%@db",
                Ok(("db:4222", user("u", "%ff%"))),
            ),
            (
                "several",
                "nats://a, nats://u:s3cret@b:2",
                Ok(("a:4222, b:2", user("u", "s3cret"))),
            ),
            ("path", "nats://db/s3cret", Err("this is no URL")),
            ("port", "nats://db:s3cret", Err("this is no URL")),
            ("scheme", "http://s3cret@db", Err("the scheme is not known")),
            ("empty", "", Err("this is no URL")),
            ("end of a list", "a,", Err("this is no URL")),
        ];
        for (name, text, expected) in cases {
            match (Addresses::parse(text), expected) {
                (Ok(read), Ok((place, credentials))) => {
                    assert_eq!(read.place(), place, "{name}");
                    assert_eq!(read.credentials, credentials, "{name}");
                    let servers = format!("{:?}", read.servers);
                    assert!(!servers.contains("s3cret"), "{name}: {servers}");
                }
                (Err(error), Err(problem)) => {
                    let error = error.to_string();
                    let expected = format!("URL of the NATS check: {problem}");
                    assert!(error.starts_with(&expected), "{name}: {error}");
                    assert!(!error.contains("s3cret"), "{name}: {error}");
                }
                (read, _) => panic!("{name}: {:?}", read.map(|read| read.place())),
            }
        }
    }
}
