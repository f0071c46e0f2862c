//! Is there memory left? `cargo run -p health-checks --features memory --example memory`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::Memory;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    shared::print("memory", Memory::new().threshold_percent(85)).await
}
