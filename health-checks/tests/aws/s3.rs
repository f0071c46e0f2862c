//! Buckets: there, not there, refused, elsewhere.

use std::net::SocketAddr;

use axum::{Router, http::StatusCode, response::IntoResponse};
use check_testing::servers::moto::Moto;
use health_checks::{AwsCredentials, S3Bucket};
use health_core::{Check, Status};

use crate::{keys, url};

fn bucket(name: &str, keys: AwsCredentials, address: SocketAddr) -> S3Bucket {
    let bucket = S3Bucket::new(name, "eu-west-1", keys).unwrap();
    bucket.endpoint(&url(address)).unwrap().path_style()
}

async fn assert_down(name: &str, check: S3Bucket, expected: &str) {
    let health = check.check().await.unwrap();
    assert_eq!(*health.status(), Status::DOWN, "{name}");
    let error = health.details().get("error").unwrap().as_str().unwrap();
    assert_eq!(error, expected, "{name}");
}

pub(super) async fn run(moto: &Moto) {
    let health = bucket("invoices", keys(moto), moto.address());
    let health = health.check().await.unwrap();
    assert_eq!(*health.status(), Status::UP, "{health:?}");
    let details: Vec<_> = health.details().iter().map(|(key, _)| key).collect();
    assert_eq!(details, ["bucket", "endpoint", "region"]);

    let missing = bucket("no-such-bucket", keys(moto), moto.address());
    assert_down("missing", missing, "there is no such bucket").await;
    let wrong = AwsCredentials::new(moto.made("id"), "wrong");
    let wrong = bucket("invoices", wrong, moto.address());
    assert_down("wrong secret", wrong, "the secret key is wrong").await;
    let unknown = AwsCredentials::new("AKIANOBODY", "wrong");
    let unknown = bucket("invoices", unknown, moto.address());
    assert_down("unknown key", unknown, "the access key is not known").await;
}

async fn answering(
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: &'static str,
) -> SocketAddr {
    let app = Router::new().fallback(async move || {
        let mut answer = (StatusCode::from_u16(status).unwrap(), body).into_response();
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

#[tokio::test]
async fn each_refusal_says_why() {
    let _alone = crate::ALONE.lock().await;
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
