//! A TCP connection by whichever address of a host answers first.

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};

use super::{Address, io_reason};

/// How long one address is tried before the next one is tried beside it.
///
/// Source: RFC 8305 section 5, Connection Attempt Delay.
const HEAD_START: Duration = Duration::from_millis(250);

/// How many addresses of a name are tried.
const MAX_ADDRESSES: usize = 16;

/// Connects to a host by the addresses of its name, the two families in turn, each with a head
/// start before the next. The caller limits the time.
///
/// # Cancel safety
/// Dropping the future ends all attempts. A question to the system's resolver that is under way
/// ends by itself.
pub(crate) async fn connect(address: &Address) -> Result<TcpStream, NoConnection> {
    let failure = |why| NoConnection {
        address: address.clone(),
        why,
    };
    let found = lookup_host((address.host.as_str(), address.port))
        .await
        .map_err(|error| failure(Why::NotResolved(error.to_string())))?;
    connect_to_any(in_turn(found.take(MAX_ADDRESSES).collect()))
        .await
        .map_err(|failed| failure(Why::Failed(failed)))
}

async fn connect_to_any(
    addresses: Vec<SocketAddr>,
) -> Result<TcpStream, Vec<(SocketAddr, io::Error)>> {
    let mut waiting = addresses.into_iter();
    let mut attempts = JoinSet::new();
    let mut failed = Vec::new();
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(async move { (address, TcpStream::connect(address).await) });
        }
        let head_start = if waiting.len() > 0 {
            HEAD_START
        } else {
            Duration::MAX
        };
        match timeout(head_start, attempts.join_next()).await {
            Ok(Some(Ok((_, Ok(stream))))) => return Ok(stream),
            Ok(Some(Ok((address, Err(error))))) => failed.push((address, error)),
            // The head start is over, or the runtime shuts down.
            Err(_) | Ok(Some(Err(_))) => {}
            Ok(None) => return Err(failed),
        }
    }
}

/// Puts addresses of the two families in turn, beginning with the system's first choice.
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let is_first_family = |address: &SocketAddr| {
        addresses
            .first()
            .is_some_and(|first| first.is_ipv4() == address.is_ipv4())
    };
    let (first, second): (Vec<_>, Vec<_>) = addresses.iter().partition(|a| is_first_family(a));
    let mut second = second.into_iter();
    let mut ordered = Vec::new();
    for address in first {
        ordered.push(address);
        ordered.extend(second.next());
    }
    ordered.extend(second);
    ordered
}

/// Says why there is no connection to a host.
#[derive(Debug)]
pub(crate) struct NoConnection {
    address: Address,
    why: Why,
}

#[derive(Debug)]
enum Why {
    NotResolved(String),
    /// Each address with what became of it; none where the name has no address.
    Failed(Vec<(SocketAddr, io::Error)>),
}

impl fmt::Display for NoConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, why } = self;
        match why {
            Why::NotResolved(cause) => {
                write!(f, "the name `{}` was not resolved: {cause}", address.host)
            }
            Why::Failed(failed) if failed.is_empty() => {
                write!(f, "the name `{}` has no address", address.host)
            }
            Why::Failed(failed)
                if failed
                    .iter()
                    .all(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused) =>
            {
                write!(f, "{address} refused the connection")
            }
            Why::Failed(failed) => {
                write!(f, "no connection to {address}: ")?;
                let is_name = address.host.parse::<IpAddr>().is_err();
                for (index, (tried, error)) in failed.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    f.write_str(comma)?;
                    if is_name {
                        write!(f, "{}: ", tried.ip())?;
                    }
                    f.write_str(&io_reason(error))?;
                }
                Ok(())
            }
        }
    }
}

impl Error for NoConnection {}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_connection(host: &str, failed: &[(&str, io::ErrorKind)]) -> String {
        let failed = failed
            .iter()
            .map(|(address, kind)| (address.parse().unwrap(), io::Error::from(*kind)));
        NoConnection {
            address: Address::parse("", host, None).unwrap(),
            why: Why::Failed(failed.collect()),
        }
        .to_string()
    }

    #[test]
    fn the_reason_is_told_for_each_address() {
        use io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
        let [v4, v6] = ["10.0.0.1:1", "[fd00::1]:1"];
        let cases = [
            (
                "refused by all",
                no_connection("db:1", &[(v4, ConnectionRefused), (v6, ConnectionRefused)]),
                "db:1 refused the connection",
            ),
            (
                "different reasons",
                no_connection("db:1", &[(v6, NetworkUnreachable), (v4, ConnectionRefused)]),
                "no connection to db:1: fd00::1: there is no route to the network, 10.0.0.1: refused the connection",
            ),
            (
                "no route",
                no_connection("10.0.0.1:1", &[(v4, HostUnreachable)]),
                "no connection to 10.0.0.1:1: there is no route to the host",
            ),
            (
                "no address",
                no_connection("db:1", &[]),
                "the name `db` has no address",
            ),
        ];
        for (name, text, expected) in cases {
            assert_eq!(text, expected, "{name}");
        }
    }

    #[test]
    fn families_take_turns() {
        let read = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| text.parse().unwrap()).collect()
        };
        let cases = [
            (
                "both",
                read(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "2.2.2.2:1"]),
                read(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "2.2.2.2:1", "[::3]:1"]),
            ),
            (
                "one",
                read(&["1.1.1.1:1", "2.2.2.2:1"]),
                read(&["1.1.1.1:1", "2.2.2.2:1"]),
            ),
            (
                "more of the second",
                read(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]),
                read(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]),
            ),
            ("none", vec![], vec![]),
        ];
        for (name, found, expected) in cases {
            assert_eq!(in_turn(found), expected, "{name}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_silent_holds_up_the_next_for_a_moment_only() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        // What is reserved for documentation (RFC 5737) is silent or has no route.
        let addresses = vec![
            "192.0.2.1:9".parse().unwrap(),
            listener.local_addr().unwrap(),
        ];
        let connecting = timeout(Duration::from_secs(20), connect_to_any(addresses));
        let stream = connecting.await.unwrap().unwrap();
        assert_eq!(stream.peer_addr().unwrap(), listener.local_addr().unwrap());
    }

    #[tokio::test]
    async fn a_reset_attempt_leads_to_the_next_at_once() {
        let nobody = check_testing::Refusing::new();
        let refusing = nobody.address();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let stream = connect_to_any(vec![refusing, there]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), there);
        let failed = connect_to_any(vec![refusing]).await.unwrap_err();
        assert_eq!(failed[0].1.kind(), io::ErrorKind::ConnectionRefused);
        assert!(connect_to_any(vec![]).await.unwrap_err().is_empty());
    }
}
