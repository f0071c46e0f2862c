//! Does a mail server take the application's own transport?
//! `cargo run -p health-checks --features smtp-lettre --example smtp_transport -- localhost`

#[path = "shared/mod.rs"]
mod shared;

use std::{env, error::Error};

use health_checks::SmtpTransport;
use lettre::{AsyncSmtpTransport, Tokio1Executor};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = env::args()
        .nth(1)
        .ok_or("give a host, such as `localhost`")?;
    // What the application sends its mails with.
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host).build();
    shared::print("mail", SmtpTransport::new(host, transport)).await
}
