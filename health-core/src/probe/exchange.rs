//! One request and its answer, over a connection of their own, within the deadline.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{ProbeError, SelfProbe, answer::Answer};
use crate::BUDGET_HEADER;

/// The most that is read of an answer, in bytes.
const LIMIT_BYTES: u64 = 1024 * 1024;

/// The part of the time left, in percent, that is given to the server; the rest is for the way.
const BUDGET_SHARE_PERCENT: u32 = 95;

/// Asks on a thread of its own: neither a name server nor a server that sends drop by drop can hold
/// the probe beyond its deadline.
pub(super) fn exchange(probe: &SelfProbe) -> Result<Answer, ProbeError> {
    let deadline = probe.deadline;
    let (sender, receiver) = mpsc::channel();
    let probe = probe.clone();
    let asking = move || drop(sender.send(ask(&probe)));
    if let Err(error) = thread::Builder::new()
        .name("health-probe".to_owned())
        .spawn(asking)
    {
        return Err(ProbeError::io("no thread can be started", error));
    }
    receiver.recv_timeout(deadline).unwrap_or_else(|_| {
        Err(ProbeError::new(format!(
            "no answer within {} ms",
            deadline.as_millis()
        )))
    })
}

fn ask(probe: &SelfProbe) -> Result<Answer, ProbeError> {
    let end = Instant::now() + probe.deadline.min(Duration::from_secs(3600));
    let (mut stream, host) = connect(&probe.address, end)?;
    let failed = |error| ProbeError::io(format!("no answer from {host}"), error);
    stream.set_write_timeout(Some(left(end))).map_err(failed)?;
    stream.set_read_timeout(Some(left(end))).map_err(failed)?;
    stream
        .write_all(request(probe, &host, left(end)).as_bytes())
        .map_err(failed)?;
    let mut answer = Vec::new();
    let read = stream.take(LIMIT_BYTES + 1).read_to_end(&mut answer);
    match read {
        _ if answer.len() as u64 > LIMIT_BYTES => Err(ProbeError::new(format!(
            "the answer from {host} is larger than {LIMIT_BYTES} bytes"
        ))),
        Err(error) if answer.is_empty() => Err(failed(error)),
        // What came before the connection broke may be a whole answer.
        _ => Answer::parse(&answer).map_err(|reason| {
            ProbeError::new(format!("the answer from {host} is no HTTP: {reason}"))
        }),
    }
}

fn request(probe: &SelfProbe, host: &str, left: Duration) -> String {
    let base = probe.base_path.trim_matches('/');
    let base = if base.is_empty() {
        String::new()
    } else {
        format!("/{base}")
    };
    let group = utf8_percent_encode(&probe.group, NON_ALPHANUMERIC);
    let budget = (left * BUDGET_SHARE_PERCENT / 100).as_millis();
    format!(
        "GET {base}/health/{group} HTTP/1.1\r\nhost: {host}\r\naccept: application/json\r\n\
         connection: close\r\n{BUDGET_HEADER}: {budget}\r\n\r\n"
    )
}

/// Connects to the first of the addresses that takes it.
fn connect(address: &str, end: Instant) -> Result<(TcpStream, String), ProbeError> {
    let host = match address.strip_prefix(':') {
        Some(port) => format!("127.0.0.1:{port}"),
        None => address.to_owned(),
    };
    if host
        .chars()
        .any(|character| character.is_control() || character.is_whitespace())
    {
        return Err(ProbeError::new(
            "the address holds a blank or a control character",
        ));
    }
    let unknown = |error| ProbeError::io(format!("`{host}` is no address"), error);
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in host.to_socket_addrs().map_err(unknown)? {
        match TcpStream::connect_timeout(&reachable(address), left(end)) {
            Ok(stream) => return Ok((stream, host)),
            Err(error) => last = error,
        }
    }
    Err(ProbeError::io(format!("cannot connect to {host}"), last))
}

/// Turns an address that stands for all of this machine's into one that can be connected to.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// Returns the time left; never zero, which sockets refuse.
fn left(end: Instant) -> Duration {
    end.saturating_duration_since(Instant::now())
        .max(Duration::from_millis(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_means_this_machine() {
        for (listens, asked) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("[::ffff:0.0.0.0]:80", "127.0.0.1:80"),
            ("192.0.2.1:80", "192.0.2.1:80"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ] {
            let listens: SocketAddr = listens.parse().unwrap();
            assert_eq!(reachable(listens).to_string(), asked);
        }
    }

    #[test]
    fn the_request_follows_base_path_and_group() {
        for (base_path, group, path) in [
            ("/z", "readiness", "/z/health/readiness"),
            ("", "liveness", "/health/liveness"),
            ("/", "liveness", "/health/liveness"),
            ("/admin/", "a b\r\nx", "/admin/health/a%20b%0D%0Ax"),
        ] {
            let probe = SelfProbe::new("localhost:80")
                .base_path(base_path)
                .group(group);
            let request = request(&probe, "localhost:80", Duration::from_millis(100));
            assert!(
                request.starts_with(&format!("GET {path} HTTP/1.1\r\nhost: localhost:80\r\n")),
                "{request}"
            );
            assert!(
                request.contains("\r\nhealth-budget-ms: 95\r\n"),
                "{request}"
            );
        }
    }
}
