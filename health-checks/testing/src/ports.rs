//! Ports for servers that have to be told theirs.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::net::TcpSocket;

/// Below the ports that the kernel gives to outgoing connections and to port 0 (from 32768 on), so
/// that a server finds its port free when it is started again.
const PORTS: std::ops::Range<u32> = 12_000..32_000;

static TAKEN: AtomicU32 = AtomicU32::new(0);

/// A loopback port at which nobody listens, and which nobody else gets meanwhile: a port that was let
/// go is soon given to the next who asks for any.
#[derive(Debug)]
pub struct Refusing(TcpSocket);

impl Refusing {
    /// Takes a port.
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self(socket)
    }

    /// Returns the address at which connections are refused.
    pub fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}

impl Default for Refusing {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns a loopback port that nobody listens on and that this process has not given out yet.
///
/// # Panics
/// When no port is left.
pub fn free_port() -> u16 {
    let count = PORTS.end - PORTS.start;
    let first = process::id().wrapping_mul(61) % count;
    for _ in 0..count {
        let next = TAKEN.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + (first + next) % count;
        let port = u16::try_from(port).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no free port in {PORTS:?}");
}
