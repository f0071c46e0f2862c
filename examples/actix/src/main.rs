//! The services `orders` and `users` in actix-web.

mod orders;
mod serve;
mod users;

use std::process::ExitCode;

use health_actix::core::build_info;

#[actix_web::main]
async fn main() -> ExitCode {
    let package = env!("CARGO_PKG_NAME");
    example_shared::run(package, build_info!(), orders::serve, users::serve).await
}
