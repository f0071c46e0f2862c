use std::error::Error;

use axum::{Router, routing::get};
use health_core::Management;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let management = Management::builder("hello").build()?;
    let app = Router::new()
        .route("/", get(async || "Hello, World!"))
        .merge(health_axum::endpoints(&management));
    axum::serve(TcpListener::bind("127.0.0.1:0").await?, app).await?;
    Ok(())
}
