//! Did the job succeed lately? `cargo run -p health-checks --features last-run --example last_run -- /tmp/job.runs`

#[path = "shared/mod.rs"]
mod shared;

use std::{env::args, error::Error, time::Duration};

use health_checks::LastRun;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (last_run, runs) = LastRun::new(Duration::from_hours(25));
    let last_run = match args().nth(1) {
        Some(file) => last_run.file(file)?,
        None => last_run,
    };
    runs.record(async { std::fs::metadata("/") }).await?;
    shared::print("job", last_run).await
}
