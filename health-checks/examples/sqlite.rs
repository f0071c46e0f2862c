//! Can a SQLite file be read and written? `cargo run -p health-checks --features sqlite --example sqlite -- sqlite:orders.db`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::Sqlite;
use sqlx::SqlitePool;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let pool = SqlitePool::connect_lazy(&url.ok_or("give a URL, such as `sqlite:orders.db`")?)?;
    shared::print("db", Sqlite::new(pool).require_writable()).await
}
