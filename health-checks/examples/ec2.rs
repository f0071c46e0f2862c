//! Do instances run? With AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set:
//! `cargo run -p health-checks --features aws-ec2 --example ec2 -- tag:role worker`

#[path = "shared/mod.rs"]
mod shared;

use std::{env, error::Error};

use health_checks::{AwsCredentials, Ec2Instances};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let region = env::var("AWS_REGION").map_err(|error| format!("AWS_REGION: {error}"))?;
    let mut check = Ec2Instances::new(&region, AwsCredentials::from_environment()?)?;
    if let (Some(filter), Some(value)) = (env::args().nth(1), env::args().nth(2)) {
        check = check.filter(filter, [value]);
    }
    shared::print("ec2", check).await
}
