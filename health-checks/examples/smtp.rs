//! Does the mail server take our credentials? `SMTP_USER` and `SMTP_PASSWORD` hold them, if any.
//! `cargo run -p health-checks --features smtp --example smtp -- smtp.example.com:587`

#[path = "shared/mod.rs"]
mod shared;

use std::{env, error::Error};

use health_checks::Smtp;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = env::args().nth(1);
    let server = server.ok_or("give a server, such as `smtp.example.com:587`")?;
    let mut check = Smtp::new(server)?;
    if let (Ok(user), Ok(password)) = (env::var("SMTP_USER"), env::var("SMTP_PASSWORD")) {
        check = check.credentials(user, password);
    }
    shared::print("mail", check).await
}
