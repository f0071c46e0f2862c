//! Asks a NATS server once, and for the streams that are named:
//! `NATS_URL=nats://localhost:4222 cargo run --example nats --features nats -- ORDERS`.

mod shared;

use std::{env, error::Error};

use health_checks::Nats;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("NATS_URL").unwrap_or_else(|_| "nats://localhost:4222".to_owned());
    let streams = env::args().skip(1);
    shared::print("nats", streams.fold(Nats::connect(url)?, Nats::stream)).await
}
