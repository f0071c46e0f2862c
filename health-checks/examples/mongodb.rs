//! Asks a MongoDB deployment once, and for the members that are named:
//! `MONGODB_URI=mongodb://localhost:27017 cargo run --example mongodb --features mongodb`.

mod shared;

use std::{env, error::Error};

use health_checks::MongoDb;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let uri = env::var("MONGODB_URI").unwrap_or_else(|_| "mongodb://localhost:27017".to_owned());
    let members: Vec<String> = env::args().skip(1).collect();
    let check = MongoDb::connect(uri)?;
    let check = if members.is_empty() {
        check
    } else {
        check.members(members)
    };
    shared::print("mongodb", check).await
}
