//! Asks a URL once: `cargo run --example http --features http -- https://example.com/`.

mod shared;

use std::{env, error::Error, time::Duration};

use health_checks::Http;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("give a URL")?;
    let check = Http::new(url)?
        .proxy_from_environment()?
        .expect_status((200..300).chain([304]))
        .degraded_after(Duration::from_millis(500));
    shared::print("http", check).await
}
