//! EC2 and S3 against moto, which checks signatures, and against what moto never says.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod ec2;
mod s3;
#[path = "../shared/mod.rs"]
mod shared;
mod storage;
mod suite;

use std::net::SocketAddr;

use check_testing::servers::moto::Moto;
use health_checks::AwsCredentials;

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn keys(moto: &Moto) -> AwsCredentials {
    AwsCredentials::new(moto.made("id"), moto.made("secret"))
}
