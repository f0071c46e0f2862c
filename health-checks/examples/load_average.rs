//! Is the host too busy? `cargo run -p health-checks --features load-average --example load_average`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::{LoadAverage, LoadWindow};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let check = LoadAverage::new().window(LoadWindow::OneMinute);
    shared::print("load", check).await
}
