//! A host and its port, as they stand in a setting.

use std::{fmt, net::Ipv6Addr};

use health_core::RedactedUrl;

use crate::SettingError;

/// The length of the longest name that the Domain Name System knows, in bytes.
const MAX_HOST_BYTES: usize = 253;

/// A host name or address, and a port.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Without the brackets of an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// Reads `host:port`; without a port, `default_port` where there is one. `what` names the
    /// check in an error.
    pub(crate) fn parse(
        what: &str,
        text: &str,
        default_port: Option<u16>,
    ) -> Result<Self, SettingError> {
        Self::read(text, default_port).map_err(|problem| {
            let shown = RedactedUrl::new(text);
            SettingError::new(
                format!("{what} `{}`", shown.as_str().escape_debug()),
                problem,
            )
        })
    }

    fn read(text: &str, default_port: Option<u16>) -> Result<Self, &'static str> {
        if text.contains("://") {
            return Err("this is a URL; write `host:port`");
        }
        if text.contains('@') {
            return Err("there is an `@` in it; write `host:port`, and credentials by themselves");
        }
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest
                .split_once(']')
                .ok_or("the bracket of the address is not closed")?;
            if host.parse::<Ipv6Addr>().is_err() {
                return Err("what stands in brackets is no IPv6 address");
            }
            match rest {
                "" => (host, None),
                _ => (host, Some(rest.strip_prefix(':').ok_or(NO_PORT)?)),
            }
        } else {
            match text.split_once(':') {
                Some((_, port)) if port.contains(':') => {
                    return Err("write an IPv6 address in brackets: `[::1]:443`");
                }
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            }
        };
        if host.is_empty() {
            return Err("there is no host; write `host:port`");
        }
        let is_strange = |c: char| c.is_whitespace() || c.is_control() || "/?#\\".contains(c);
        if host.len() > MAX_HOST_BYTES || host.contains(is_strange) {
            return Err("this is no host name; write `host:port`");
        }
        if !host.is_ascii() {
            return Err("write the name as the Domain Name System has it: `xn--...`");
        }
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(NO_PORT)?,
            None => default_port.ok_or(NO_PORT)?,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

const NO_PORT: &str = "there is no port between 1 and 65535; write `host:port`";

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let cases = [
            ("name", "db:5432", Ok("db:5432")),
            ("IPv4", "127.0.0.1:1", Ok("127.0.0.1:1")),
            ("IPv6", "[::1]:65535", Ok("[::1]:65535")),
            ("default port", "db", Ok("db:25")),
            ("IPv6, default port", "[::1]", Ok("[::1]:25")),
            ("bare IPv6", "::1", Err("in brackets")),
            ("open bracket", "[::1:5", Err("not closed")),
            ("name in brackets", "[db]:1", Err("no IPv6 address")),
            ("after the bracket", "[::1]5", Err("no port")),
            ("URL", "http://db:1", Err("is a URL")),
            ("credentials", "u:s3cret@db:1", Err("`@`")),
            ("no host", ":5", Err("no host")),
            ("nothing", "", Err("no host")),
            ("empty port", "db:", Err("no port")),
            ("port 0", "db:0", Err("no port")),
            ("large port", "db:65536", Err("no port")),
            ("word for a port", "db:http", Err("no port")),
            ("path", "db/x:1", Err("no host name")),
            ("line feed", "db\n:1", Err("no host name")),
            ("beyond ASCII", "bücher.example:1", Err("`xn--...`")),
        ];
        for (name, text, expected) in cases {
            match (Address::parse("check of", text, Some(25)), expected) {
                (Ok(address), Ok(shown)) => assert_eq!(address.to_string(), shown, "{name}"),
                (Err(error), Err(part)) => {
                    let error = error.to_string();
                    assert!(error.contains(part), "{name}: {error}");
                    assert!(!error.contains("s3cret"), "{name}: {error}");
                }
                (read, _) => panic!("{name}: {read:?}"),
            }
        }
        let no_port = Address::parse("check of", "db", None).unwrap_err();
        assert!(no_port.to_string().contains("no port"), "{no_port}");
    }
}
