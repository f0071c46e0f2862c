//! Buckets: there, not there, refused, elsewhere.

use std::{net::SocketAddr, sync::Arc};

use axum::{Router, http::StatusCode, response::IntoResponse};
use check_testing::servers::moto::Moto;
use health_checks::{AwsCredentials, S3Bucket};

use crate::{
    keys,
    shared::{self, alone, ask, assert_up},
    url,
};

fn bucket(name: &str, keys: AwsCredentials, address: SocketAddr) -> S3Bucket {
    let bucket = S3Bucket::new(name, "eu-west-1", keys).unwrap();
    bucket.endpoint(&url(address)).unwrap().path_style()
}

/// Asserts that this and nothing else is the reason.
async fn assert_down(name: &str, check: S3Bucket, expected: &str) {
    let health = ask(&check).await;
    shared::assert_down(name, &health, expected);
    assert_eq!(shared::text(&health, "error"), expected, "{name}");
}

#[test]
fn moto_tells_what_is_there_and_each_refusal() {
    alone(async {
        let moto = Moto::start();
        let health = ask(&bucket("invoices", keys(&moto), moto.address())).await;
        assert_up("there", &health);
        let details: Vec<_> = health.details().iter().map(|(key, _)| key).collect();
        assert_eq!(details, ["bucket", "endpoint", "region"]);

        let wrong = AwsCredentials::new(moto.made("id"), "wrong");
        let unknown = AwsCredentials::new("AKIANOBODY", "wrong");
        for (name, keys, expected) in [
            ("no-such-bucket", keys(&moto), "there is no such bucket"),
            ("invoices", wrong, "the secret key is wrong"),
            ("invoices", unknown, "the access key is not known"),
        ] {
            assert_down(expected, bucket(name, keys, moto.address()), expected).await;
        }
    });
}

async fn answering(
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: impl Into<Arc<str>>,
) -> SocketAddr {
    let body = body.into();
    let app = Router::new().fallback(async move || {
        let mut answer = (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response();
        for (name, value) in headers {
            answer.headers_mut().insert(name, value.parse().unwrap());
        }
        answer
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[test]
fn each_refusal_says_why() {
    alone(async {
        let region = vec![("x-amz-bucket-region", "us-west-2")];
        let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
        let skewed = "<Error><Code>RequestTimeTooSkewed</Code><Message>m</Message></Error>";
        let other = "<Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>";
        let cases = [
            (301, region, "", "the bucket is in the region us-west-2"),
            (307, vec![], "", "the bucket is in another region"),
            (
                403,
                vec![],
                denied,
                "access denied: `s3:ListBucket` is needed",
            ),
            (403, vec![], skewed, "the clock of this host is off"),
            (
                503,
                vec![],
                other,
                "answered 503: SlowDown: Reduce your rate",
            ),
            (500, vec![], "no XML", "answered 500"),
            (404, vec![], "", "there is no such bucket"),
        ];
        for (status, headers, body, expected) in cases {
            let address = answering(status, headers, body).await;
            let keys = AwsCredentials::new("id", "secret");
            assert_down(expected, bucket("invoices", keys, address), expected).await;
        }
    });
}

#[test]
fn a_hostile_refusal_is_told_in_few_words() {
    let long = "x".repeat(10_000);
    let cases = [
        ("deep", "<a>".repeat(1_000_000), "answered 403"),
        (
            "document type",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a><Code>&b;</Code></a>".to_owned(),
            "answered 403",
        ),
        ("large", " ".repeat(5_000_000), "answered 403"),
    ];
    alone(async {
        let keys = || AwsCredentials::new("id", "secret");
        for (name, body, expected) in cases {
            let address = answering(403, vec![], body).await;
            assert_down(name, bucket("invoices", keys(), address), expected).await;
        }
        let body = format!("<Error><Code>A</Code><Message>{long}</Message></Error>");
        let address = answering(403, vec![], body).await;
        let health = ask(&bucket("invoices", keys(), address)).await;
        assert!(shared::text(&health, "error").len() < 300, "{health:?}");

        let region: &'static str = long.leak();
        let address = answering(301, vec![("x-amz-bucket-region", region)], "").await;
        let expected = "the bucket is in another region";
        assert_down("region", bucket("invoices", keys(), address), expected).await;
    });
}

#[test]
fn what_cannot_be_is_refused_at_once() {
    let keys = || AwsCredentials::new("id", "s3cret");
    for (bucket, region) in [
        ("", "eu-west-1"),
        ("a/b", "eu-west-1"),
        ("b", "EU"),
        ("b", "a.b"),
    ] {
        let error = S3Bucket::new(bucket, region, keys())
            .unwrap_err()
            .to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }
    let bucket = S3Bucket::new("b", "eu-west-1", keys()).unwrap();
    for url in ["minio:9000", "http://h/path", "http://u:p@h/", "ftp://h"] {
        let error = bucket.clone().endpoint(url).unwrap_err().to_string();
        assert!(error.starts_with("endpoint: "), "{error}");
    }
    assert!(!format!("{bucket:?} {:?}", keys()).contains("s3cret"));
}
