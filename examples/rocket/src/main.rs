//! The services `orders` and `users` in Rocket.

mod orders;
mod serve;
mod users;

use std::process::ExitCode;

use health_rocket::core::build_info;

#[rocket::main]
async fn main() -> ExitCode {
    let package = env!("CARGO_PKG_NAME");
    example_shared::run(package, build_info!(), orders::serve, users::serve).await
}
