//! Asks a Redis or Valkey server once:
//! `REDIS_URL=redis://localhost:6379 cargo run --example redis --features redis`.

mod shared;

use std::{env, error::Error};

use health_checks::Redis;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("REDIS_URL").unwrap_or_else(|_| "redis://localhost:6379".to_owned());
    shared::print("redis", Redis::connect(url)?).await
}
