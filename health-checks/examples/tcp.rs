//! Is a port open? `cargo run -p health-checks --features tcp --example tcp -- localhost:22`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::Tcp;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let check = Tcp::new(address.ok_or("give an address, such as `localhost:22`")?)?;
    shared::print("tcp", check).await
}
