//! Hosts with ports.

use std::{fmt, net::Ipv6Addr};

use super::percent;

/// The most hosts that are read from one connect string.
pub const MAX_HOSTS: usize = 64;

/// The longest name of a host: that of a path of a Unix socket, with room.
const MAX_NAME_BYTES: usize = 255;

/// Names a host and the port to reach it at, or a Unix socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    pub(super) fn new(name: impl Into<String>, port: Option<u16>) -> Self {
        Self {
            name: name.into(),
            port,
        }
    }

    /// Returns the name in lower case, the address (IPv6 without brackets), or the path of a Unix
    /// socket.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the port; the usual one of its kind where the variable gives none. `None` for a
    /// Unix socket, and for a name whose hosts and ports are records of the Domain Name System.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Tells whether this is the path of a Unix socket.
    pub fn is_unix_socket(&self) -> bool {
        self.name.starts_with('/')
    }
}

/// Shows `host:port`, with brackets around an IPv6 address.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_ip_v6 = self.name.contains(':') && !self.is_unix_socket();
        match (is_ip_v6, self.port) {
            (true, Some(port)) => write!(f, "[{}]:{port}", self.name),
            (true, None) => write!(f, "[{}]", self.name),
            (false, Some(port)) => write!(f, "{}:{port}", self.name),
            (false, None) => f.write_str(&self.name),
        }
    }
}

/// Why hosts could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostError {
    Name,
    Port,
    TooMany,
}

impl HostError {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Name => "what stands in the place of the host is none",
            Self::Port => "what stands in the place of the port is not a number from 1 to 65535",
            Self::TooMany => "it names more than 64 hosts",
        }
    }
}

/// Reads `host`, `host:port`, `[v6]:port`, `v6` and lists of them with commas between; each once.
pub(super) fn list(text: &str, default_port: Option<u16>) -> Result<Vec<Host>, HostError> {
    let mut hosts = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
        let host = host(entry, default_port)?;
        if hosts.contains(&host) {
            continue;
        }
        if hosts.len() == MAX_HOSTS {
            return Err(HostError::TooMany);
        }
        hosts.push(host);
    }
    Ok(hosts)
}

/// Reads a decimal port; 0 is none.
pub(super) fn port(text: &str) -> Option<u16> {
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = is_plain.then(|| text.parse().ok()).flatten();
    port.filter(|port| *port != 0)
}

fn host(text: &str, default_port: Option<u16>) -> Result<Host, HostError> {
    let (name, port_text) = split_port(text, default_port)?;
    let name = percent::decode(name);
    if name.starts_with('/') {
        return socket(&name, port_text);
    }
    let is_ip_v6 = name.contains(':');
    if is_ip_v6 && !is_ip_v6_address(&name) || !is_ip_v6 && !is_name(&name) {
        return Err(HostError::Name);
    }
    let port = match port_text {
        None | Some("") => default_port,
        Some(text) => Some(port(text).ok_or(HostError::Port)?),
    };
    Ok(Host::new(name.to_lowercase(), port))
}

/// Splits at the colon of the port. An IPv6 address without brackets has none, except the usual
/// one of its kind, which is what platforms append to a bare address.
fn split_port(text: &str, default_port: Option<u16>) -> Result<(&str, Option<&str>), HostError> {
    if let Some(bracketed) = text.strip_prefix('[') {
        let (name, rest) = bracketed.split_once(']').ok_or(HostError::Name)?;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((name, Some(port))),
            None if rest.is_empty() => Ok((name, None)),
            None => Err(HostError::Name),
        };
    }
    match text.rsplit_once(':') {
        None => Ok((text, None)),
        Some((name, port)) if !name.contains(':') => Ok((name, Some(port))),
        Some((name, port)) => {
            let is_usual = default_port.is_some_and(|usual| usual.to_string() == port);
            let is_address = is_ip_v6_address(text);
            if is_ip_v6_address(name) && (is_usual || !is_address) {
                Ok((name, Some(port)))
            } else if is_address {
                Ok((text, None))
            } else {
                Err(HostError::Port)
            }
        }
    }
}

fn socket(path: &str, port_text: Option<&str>) -> Result<Host, HostError> {
    if path.len() > MAX_NAME_BYTES || path.chars().any(char::is_control) {
        return Err(HostError::Name);
    }
    let port = match port_text {
        None | Some("") => None,
        Some(text) => Some(port(text).ok_or(HostError::Port)?),
    };
    Ok(Host::new(path, port))
}

fn is_ip_v6_address(text: &str) -> bool {
    let (address, zone) = text.split_once('%').unwrap_or((text, "0"));
    let is_zone = !zone.is_empty()
        && zone
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c));
    is_zone && address.parse::<Ipv6Addr>().is_ok()
}

/// Names with underscores are no host names by the book, but container networks have them.
pub(super) fn is_name(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    !text.is_empty() && text.len() <= MAX_NAME_BYTES && text.chars().all(is_part)
}

#[cfg(test)]
#[path = "host_tests.rs"]
mod tests;
