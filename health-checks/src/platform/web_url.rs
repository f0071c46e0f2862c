//! Web addresses: `https://host:port/path`.

use std::fmt;

use health_core::RedactedUrl;

use super::{Host, host};

/// Holds a web address with the host that it names.
///
/// # Security
/// `Debug` shows scheme and host only.
#[derive(Clone, PartialEq, Eq)]
pub struct WebUrl {
    url: RedactedUrl,
    scheme: &'static str,
    host: Host,
}

impl WebUrl {
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or(WRONG_SCHEME)?;
        let (scheme, usual_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => ("http", 80),
            "https" => ("https", 443),
            _ => return Err(WRONG_SCHEME),
        };
        Ok(Self {
            host: read_host(rest, usual_port)?,
            url: RedactedUrl::new(text),
            scheme,
        })
    }

    /// Returns the address as it was given.
    pub fn url(&self) -> &RedactedUrl {
        &self.url
    }

    /// Returns `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.scheme
    }

    /// Returns the host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the address with a path appended, with exactly one slash between.
    pub fn join(&self, path: &str) -> RedactedUrl {
        let base = self.url.expose().trim_end_matches('/');
        RedactedUrl::new(format!("{base}/{}", path.trim_start_matches('/')))
    }
}

impl fmt::Debug for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

const WRONG_SCHEME: &str = "it does not begin with http:// or https://";

/// Reads the host of `user:password@host:port/path`; the authority ends by the book, since nobody
/// puts raw passwords into web addresses, and their paths hold `@`.
pub(super) fn read_host(rest: &str, usual_port: u16) -> Result<Host, &'static str> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    let location = match authority.rsplit_once('@') {
        Some((_, location)) => location,
        // What looks like a user and the beginning of a password names no host.
        None if authority.contains(':') && after.contains('@') && !authority.starts_with('[') => {
            let port = authority.rsplit_once(':').map(|(_, port)| port);
            port.and_then(host::port).ok_or(NO_HOST)?;
            authority
        }
        None => authority,
    };
    let hosts = host::list(location, Some(usual_port)).map_err(|error| error.reason())?;
    match hosts.as_slice() {
        [one] if !one.is_unix_socket() => Ok(one.clone()),
        [] => Err(NO_HOST),
        _ => Err("it does not name exactly one host"),
    }
}

const NO_HOST: &str = "it names no host";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_hosts_of_addresses() {
        let cases = [
            ("plain", "http://tempo:4318/", Ok("tempo:4318")),
            (
                "usual port",
                "https://Login.example.com",
                Ok("login.example.com:443"),
            ),
            ("path with an at sign", "http://h/@me?x=a@b", Ok("h:80")),
            ("user", "https://u:p@h:8/x", Ok("h:8")),
            ("IPv6", "http://[::1]:4318/v1", Ok("[::1]:4318")),
            ("no scheme", "tempo:4318", Err(WRONG_SCHEME)),
            ("other scheme", "ftp://h", Err(WRONG_SCHEME)),
            ("no host", "http:///path", Err(NO_HOST)),
            (
                "two hosts",
                "http://a,b/",
                Err("it does not name exactly one host"),
            ),
            ("raw password", "http://u:a/b@h/", Err(NO_HOST)),
        ];
        for (name, text, expected) in cases {
            let host = WebUrl::read(text).map(|url| url.host().to_string());
            assert_eq!(host.as_deref().map_err(|e| *e), expected, "{name}");
        }
    }

    #[test]
    fn joins_with_one_slash() {
        for base in ["http://h:1", "http://h:1/", "http://h:1//"] {
            let joined = WebUrl::read(base).map(|url| url.join("/v1/traces"));
            let joined = joined.as_ref().map(RedactedUrl::expose);
            assert_eq!(joined, Ok("http://h:1/v1/traces"), "{base}");
        }
    }
}
