//! Which migrations of a folder does a PostgreSQL database not have yet?
//! `cargo run -p health-checks --features migrations,postgres --example migrations -- postgres://user@localhost/orders migrations`

#[path = "shared/mod.rs"]
mod shared;

use std::{error::Error, path::Path};

use health_checks::Migrations;
use sqlx::{PgPool, migrate::Migrator};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("give a URL and a folder of migrations".into());
    };
    let pool = PgPool::connect_lazy(&url)?;
    // In an application: `sqlx::migrate!()`.
    let migrator = Migrator::new(Path::new(&folder)).await?;
    shared::print("migrations", Migrations::new(pool, migrator)).await
}
