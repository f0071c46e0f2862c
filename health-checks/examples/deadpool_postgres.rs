//! Does PostgreSQL answer over deadpool?
//! `cargo run -p health-checks --features deadpool-postgres --example deadpool_postgres -- postgres://user@localhost/orders`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use deadpool_postgres::{Manager, Pool};
use health_checks::DeadpoolPostgres;
use tokio_postgres::NoTls;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let url = url.ok_or("give a URL, such as `postgres://user@localhost/orders`")?;
    let pool = Pool::builder(Manager::new(url.parse()?, NoTls)).build()?;
    let check = DeadpoolPostgres::new(pool).direct_connection();
    shared::print("db", check).await
}
