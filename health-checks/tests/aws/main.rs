//! EC2 and S3 against moto, which checks signatures, and against what moto never says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod ec2;
mod s3;

use std::{net::SocketAddr, sync::Mutex};

use check_testing::{Suite, servers::moto::Moto};
use health_checks::{AwsCredentials, Ec2Instances, S3Bucket};

/// The suite counts what the process holds.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn keys(moto: &Moto) -> AwsCredentials {
    AwsCredentials::new(moto.made("id"), moto.made("secret"))
}

#[tokio::test]
async fn moto() {
    let _alone = ALONE.lock().await;
    let moto = Moto::start();
    ec2::run(&moto).await;
    s3::run(&moto).await;

    let secret = moto.made("secret").to_owned();
    let instances = |keys: AwsCredentials, address: SocketAddr| {
        Ec2Instances::new("eu-west-1", keys)
            .unwrap()
            .ids([moto.made("running")])
            .endpoint(&url(address))
            .unwrap()
    };
    let wrong = AwsCredentials::new(moto.made("id"), "another");
    Suite::new(moto.address(), async |address| {
        std::sync::Arc::new(instances(keys(&moto), address)) as _
    })
    .secret(&secret)
    .down("wrong secret", instances(wrong.clone(), moto.address()))
    .deadline(std::time::Duration::from_secs(2))
    .runs(200)
    .run()
    .await;

    let bucket = |keys: AwsCredentials, address: SocketAddr| {
        S3Bucket::new("invoices", "eu-west-1", keys)
            .unwrap()
            .endpoint(&url(address))
            .unwrap()
            .path_style()
    };
    let current = Mutex::new(keys(&moto));
    Suite::new(moto.address(), async |address| {
        std::sync::Arc::new(bucket(current.lock().unwrap().clone(), address)) as _
    })
    .secret(&secret)
    .down("wrong secret", bucket(wrong, moto.address()))
    .runs(1000)
    .run()
    .await;
}
