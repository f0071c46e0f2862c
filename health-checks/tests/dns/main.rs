//! The DNS check, against dnsmasq and against servers that misbehave.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod hostile;
mod records;
#[path = "../shared/mod.rs"]
mod shared;
mod silence;

use std::net::SocketAddr;

use health_checks::{Dns, DnsRecord};

fn dns(server: SocketAddr, name: &str, record: DnsRecord) -> Dns {
    let check = Dns::new(name, record).unwrap();
    check.server(server.to_string()).unwrap()
}
