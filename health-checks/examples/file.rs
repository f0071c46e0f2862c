//! Is the backup fresh? `cargo run -p health-checks --features file --example file -- /backup .dump`

#[path = "shared/mod.rs"]
mod shared;

use std::{env::args, error::Error, time::Duration};

use health_checks::File;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = args().nth(1).ok_or("give a folder, such as `/backup`")?;
    let check = File::newest_in(folder)
        .name_ends_with(args().nth(2).unwrap_or_default())
        .max_age(Duration::from_hours(25))
        .min_size_bytes(1);
    shared::print("backup", check).await
}
