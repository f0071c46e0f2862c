//! Is a bucket there? With AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set:
//! `cargo run -p health-checks --features s3 --example s3 -- invoices [http://minio:9000]`

#[path = "shared/mod.rs"]
mod shared;

use std::{env, error::Error};

use health_checks::{AwsCredentials, S3Bucket};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let region = env::var("AWS_REGION").map_err(|error| format!("AWS_REGION: {error}"))?;
    let bucket = env::args().nth(1).ok_or("give the name of a bucket")?;
    let mut check = S3Bucket::new(&bucket, &region, AwsCredentials::from_environment()?)?;
    if let Some(endpoint) = env::args().nth(2) {
        check = check.endpoint(&endpoint)?.path_style();
    }
    shared::print("s3", check).await
}
