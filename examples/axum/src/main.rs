//! The services `orders` and `users` in axum.

mod orders;
mod serve;
mod users;

use std::process::ExitCode;

use health_axum::core::build_info;

#[tokio::main]
async fn main() -> ExitCode {
    let package = env!("CARGO_PKG_NAME");
    example_shared::run(package, build_info!(), orders::serve, users::serve).await
}
