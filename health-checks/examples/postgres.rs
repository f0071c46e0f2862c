//! Does PostgreSQL answer? `cargo run -p health-checks --features postgres --example postgres -- postgres://user@localhost/orders`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::Postgres;
use sqlx::PgPool;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let pool = PgPool::connect_lazy(
        &url.ok_or("give a URL, such as `postgres://user@localhost/orders`")?,
    )?;
    shared::print("db", Postgres::new(pool).direct_connection()).await
}
