//! How many days are left?
//! `cargo run -p health-checks --features tls-certificate --example tls_certificate -- example.com`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::TlsCertificate;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = std::env::args().nth(1);
    let server = server.ok_or("give a server, such as `example.com` or `example.com:8443`")?;
    shared::print("certificate", TlsCertificate::new(server)?).await
}
