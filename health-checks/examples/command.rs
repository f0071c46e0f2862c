//! Does a command succeed? `cargo run -p health-checks --features command --example command -- mountpoint -q /`

#[path = "shared/mod.rs"]
mod shared;

use std::{env::args, error::Error};

use health_checks::Command;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let program = args().nth(1).ok_or("give a program with its arguments")?;
    let check = Command::new(program).args(args().skip(2)).nagios();
    shared::print("command", check).await
}
