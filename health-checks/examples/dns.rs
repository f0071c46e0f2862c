//! Does a name have an address?
//! `cargo run -p health-checks --features dns --example dns -- example.com`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::{Dns, DnsRecord};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1);
    let name = name.ok_or("give a name, such as `example.com`")?;
    shared::print("dns", Dns::new(name, DnsRecord::A)?).await
}
