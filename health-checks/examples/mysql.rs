//! Does MySQL or MariaDB answer? `cargo run -p health-checks --features mysql --example mysql -- mysql://user@localhost/orders`

#[path = "shared/mod.rs"]
mod shared;

use std::error::Error;

use health_checks::MySql;
use sqlx::MySqlPool;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1);
    let pool = MySqlPool::connect_lazy(
        &url.ok_or("give a URL, such as `mysql://user@localhost/orders`")?,
    )?;
    shared::print("db", MySql::new(pool).direct_connection()).await
}
