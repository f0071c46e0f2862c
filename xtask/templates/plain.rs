use std::io;

use axum::{Router, routing::get};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let app = Router::new().route("/", get(async || "Hello, World!"));
    axum::serve(TcpListener::bind("127.0.0.1:0").await?, app).await
}
