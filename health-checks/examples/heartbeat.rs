//! Does the loop still turn? `cargo run -p health-checks --features heartbeat --example heartbeat`

#[path = "shared/mod.rs"]
mod shared;

use std::{error::Error, time::Duration};

use health_checks::Heartbeat;
use tokio::time::sleep;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (heartbeat, beat) = Heartbeat::new(Duration::from_secs(1));
    tokio::spawn(async move {
        loop {
            beat.beat();
            sleep(Duration::from_millis(100)).await;
        }
    });
    sleep(Duration::from_millis(250)).await;
    shared::print("loop", heartbeat).await
}
