//! Are there descriptors left? `cargo run -p health-checks --features file-descriptors --example file_descriptors`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::FileDescriptors;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    shared::print("fileDescriptors", FileDescriptors::new()).await
}
