//! Is a Vault unsealed, and the token in VAULT_TOKEN valid?
//! `cargo run -p health-checks --features vault --example vault -- https://vault.internal:8200`

#[path = "shared/mod.rs"]
mod shared;

use std::{env, error::Error};

use health_checks::Vault;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("give the URL of a Vault")?;
    let mut check = Vault::new(&url)?;
    if let Ok(token) = env::var("VAULT_TOKEN") {
        check = check.token(token)?;
    }
    shared::print("vault", check).await
}
