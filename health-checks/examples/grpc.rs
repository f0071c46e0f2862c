//! Does a gRPC server say SERVING? The second argument names a service, if any.
//! `cargo run -p health-checks --features grpc --example grpc -- http://localhost:50051`

#[path = "shared/mod.rs"]
mod shared;

use std::{env, error::Error};

use health_checks::Grpc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1);
    let url = url.ok_or("give a server, such as `http://localhost:50051`")?;
    let check = Grpc::new(url)?.service(env::args().nth(2).unwrap_or_default());
    shared::print("grpc", check).await
}
