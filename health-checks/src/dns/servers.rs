//! Whom to ask.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV6},
    time::{Duration, Instant},
};

use resolv_conf::{Config, ScopedIp};
use tokio::{task::spawn_blocking, time::timeout};

use super::{
    answer::Found,
    exchange::{Question, ask},
};
use crate::{SettingError, patience::patience};

const PORT: u16 = 53;

/// Where the system says whom to ask.
const SETTINGS_OF_SYSTEM: &str = "/etc/resolv.conf";

/// How many servers of the system are asked, as by the system itself.
///
/// Source: resolv.conf(5), MAXNS.
const MAX_SERVERS_OF_SYSTEM: usize = 3;

/// Servers that were set; those of the system when there are none.
#[derive(Clone, Debug, Default)]
pub(super) struct Servers(Vec<SocketAddr>);

impl Servers {
    pub(super) fn add(&mut self, text: &str) -> Result<(), SettingError> {
        let address = text.parse::<SocketAddr>().or_else(|_| {
            let address = text.trim_start_matches('[').trim_end_matches(']');
            address.parse().map(|ip: IpAddr| SocketAddr::new(ip, PORT))
        });
        let address = address.map_err(|_| {
            SettingError::new(
                format!("DNS server `{}`", text.escape_debug()),
                "write an address, such as `10.0.0.2`, `10.0.0.2:5353` or `[fd00::2]:53`",
            )
        })?;
        self.0.push(address);
        Ok(())
    }

    /// Asks one after the other, each with its share of the time, until one says yes or no.
    pub(super) async fn ask(
        &self,
        question: &Question,
    ) -> Result<(Found, SocketAddr, Duration), String> {
        let of_system;
        let servers = if self.0.is_empty() {
            of_system = servers_of_system().await?;
            &of_system
        } else {
            &self.0
        };
        let deadline = Instant::now() + patience();
        let mut reasons = Vec::new();
        for (index, server) in servers.iter().enumerate() {
            let left = deadline.saturating_duration_since(Instant::now());
            let others = u32::try_from(servers.len() - index).unwrap_or(u32::MAX);
            let share = left / others;
            let start = Instant::now();
            let reason = match timeout(share, ask(*server, question)).await {
                Ok(Ok(found)) => return Ok((found, *server, start.elapsed())),
                Ok(Err(reason)) => reason,
                Err(_) => format!("gave no answer within {} ms", share.as_millis()),
            };
            reasons.push(format!("the server {server} {reason}"));
        }
        Err(reasons.join("; "))
    }
}

async fn servers_of_system() -> Result<Vec<SocketAddr>, String> {
    let read = spawn_blocking(|| std::fs::read(SETTINGS_OF_SYSTEM)).await;
    match read {
        Ok(Ok(settings)) => servers_in(&settings),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => servers_in(b""),
        Ok(Err(error)) => Err(format!("{SETTINGS_OF_SYSTEM} cannot be read: {error}")),
        Err(_) => Err("the runtime is shutting down".to_owned()),
    }
}

/// Reads the servers; without any it is this host, as for the system itself.
fn servers_in(settings: &[u8]) -> Result<Vec<SocketAddr>, String> {
    let (settings, _) = Config::parse_with_errors(settings);
    if settings.nameservers.is_empty() {
        return Ok(vec![(Ipv4Addr::LOCALHOST, PORT).into()]);
    }
    let servers = settings
        .nameservers
        .iter()
        .filter_map(|server| match server {
            ScopedIp::V4(address) => Some((*address, PORT).into()),
            ScopedIp::V6(address, None) => Some((*address, PORT).into()),
            ScopedIp::V6(address, Some(scope)) => {
                let scope = scope.parse().ok()?;
                Some(SocketAddrV6::new(*address, PORT, 0, scope).into())
            }
        });
    let servers: Vec<SocketAddr> = servers.take(MAX_SERVERS_OF_SYSTEM).collect();
    if servers.is_empty() {
        return Err(format!(
            "the servers in {SETTINGS_OF_SYSTEM} have interfaces by name; set a server"
        ));
    }
    Ok(servers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_servers_are_read() {
        let cases = [
            ("10.0.0.2", Some("10.0.0.2:53")),
            ("10.0.0.2:5353", Some("10.0.0.2:5353")),
            ("fd00::2", Some("[fd00::2]:53")),
            ("[fd00::2]", Some("[fd00::2]:53")),
            ("[fd00::2]:5", Some("[fd00::2]:5")),
            ("ns.example.com", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let mut servers = Servers::default();
            let added = servers.add(text).ok().map(|()| servers.0[0].to_string());
            assert_eq!(added.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn servers_of_the_system_are_read() {
        let cases = [
            ("one", "nameserver 10.0.0.1\n", Some("10.0.0.1:53")),
            ("none", "search example.com\n", Some("127.0.0.1:53")),
            ("nothing", "", Some("127.0.0.1:53")),
            (
                "more than are asked",
                "nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4",
                Some("1.1.1.1:53 2.2.2.2:53 3.3.3.3:53"),
            ),
            ("scope", "nameserver fe80::1%3\n", Some("[fe80::1%3]:53")),
            ("named scope", "nameserver fe80::1%eth0\n", None),
            (
                "broken lines",
                "nameserver x\nnonsense\nnameserver 10.0.0.1\n",
                Some("10.0.0.1:53"),
            ),
        ];
        for (name, settings, expected) in cases {
            let servers = servers_in(settings.as_bytes()).ok().map(|servers| {
                let servers: Vec<String> = servers.iter().map(ToString::to_string).collect();
                servers.join(" ")
            });
            assert_eq!(servers.as_deref(), expected, "{name}");
        }
    }
}
