//! What all examples do with their check.

use std::{error::Error, time::Duration};

use health_core::{Check, Management, Request, Show};

/// Asks a check once and prints the answer of `/z/health/NAME`, with all details.
#[allow(clippy::print_stdout, reason = "it is what the examples are for")]
pub(crate) async fn print(name: &str, check: impl Check) -> Result<(), Box<dyn Error>> {
    let management = Management::builder("example")
        .check(name, check)
        .deadline(Duration::from_secs(5))
        .show_details(Show::Always)
        .build()?;
    let path = format!("/z/health/{name}");
    let headers = axum::http::HeaderMap::new();
    let reply = management
        .respond(&Request::new("GET", &path, &headers))
        .await;
    println!("{}", String::from_utf8_lossy(reply.body()));
    Ok(())
}
