//! Is there space left? `cargo run -p health-checks --features disk-space --example disk_space -- /var`

#[path = "shared/mod.rs"]
mod shared;

use std::{env::args, error::Error};

use health_checks::DiskSpace;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = args().nth(1).unwrap_or_else(|| ".".to_owned());
    let check = DiskSpace::new(path).threshold_percent(5);
    shared::print("diskSpace", check).await
}
