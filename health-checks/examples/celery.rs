//! Asks the Celery workers of a broker once, and for those that are named:
//! `CELERY_BROKER_URL=redis://localhost cargo run --example celery --features celery -- w1@host`.

mod shared;

use std::{env, error::Error};

use health_checks::Celery;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("CELERY_BROKER_URL").unwrap_or_else(|_| "redis://localhost".to_owned());
    let workers = env::args().skip(1);
    shared::print("celery", workers.fold(Celery::new(url)?, Celery::worker)).await
}
