//! The suite that every check passes, by TLS with a private authority.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use check_testing::{Authority, Subject, Suite, servers::moto::Moto};
use health_checks::{AwsCredentials, Ec2Instances, S3Bucket, Tls};

use crate::{keys, shared::alone};

/// How long the engine waits: moto is slow, and each run of EC2 asks twice.
const DEADLINE: Duration = Duration::from_secs(2);

/// A server with a private authority, and what a check of it needs.
struct Secure {
    moto: Moto,
    tls: Tls,
    strangers: Vec<(&'static str, Tls)>,
}

impl Secure {
    fn start() -> Self {
        let [own, other] = ["private", "other"].map(Authority::new);
        let trusting = |authority: &Authority| Tls::new().ca(authority.pem()).unwrap();
        Self {
            moto: Moto::start_tls(&own.sign(&["127.0.0.1"]), own.pem()),
            tls: trusting(&own),
            strangers: vec![
                ("other authority", trusting(&other)),
                ("authorities of the system", Tls::new()),
            ],
        }
    }
}

fn url(address: SocketAddr) -> String {
    format!("https://{address}")
}

/// Runs it for checks that `make` makes of keys, an address and settings of TLS.
async fn run<C: Subject>(server: Secure, make: impl Fn(AwsCredentials, &str, Tls) -> C) {
    let Secure {
        mut moto,
        tls,
        strangers,
    } = server;
    let (right, address) = (keys(&moto), moto.address());
    let secret = moto.made("secret").to_owned();
    let wrong = AwsCredentials::new(moto.made("id"), "another");
    let up = async |address| Arc::new(make(right.clone(), &url(address), tls.clone())) as _;
    let mut suite = Suite::new(address, up)
        .secret(&secret)
        .deadline(DEADLINE)
        .down("wrong secret", make(wrong, &url(address), tls.clone()))
        .down(
            "without TLS",
            make(right.clone(), &format!("http://{address}"), tls.clone()),
        );
    for (name, stranger) in strangers {
        suite = suite.down(name, make(right.clone(), &url(address), stranger));
    }
    suite.spare_connections(3).restart(&mut moto).run().await;
}

#[test]
fn instances() {
    alone(async {
        let server = Secure::start();
        let running = server.moto.made("running").to_owned();
        run(server, |keys, url, tls| {
            let check = Ec2Instances::new("eu-west-1", keys).unwrap();
            check.ids([&running]).endpoint(url).unwrap().tls(tls)
        })
        .await;
    });
}

#[test]
fn bucket() {
    alone(async {
        run(Secure::start(), |keys, url, tls| {
            let check = S3Bucket::new("invoices", "eu-west-1", keys).unwrap();
            check.endpoint(url).unwrap().path_style().tls(tls)
        })
        .await;
    });
}
