//! Storage with the API of S3 that checks each signature by the rules of AWS, more of them than moto
//! does: what has to be signed, region and service, the time, the hash of the body, and buckets that
//! are part of the host name.

use std::{
    collections::BTreeMap,
    fmt::Write,
    net::SocketAddr,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use health_checks::{AwsCredentials, Ec2Instances, S3Bucket};
use ring::{digest, hmac};

use crate::{
    shared::{alone, ask, assert_down, assert_up},
    url,
};

const ID: &str = "AKIAORDERS";
const SECRET: &str = "s3cret/+=key";
const TOKEN: &str = "session/+=token";
const REGION: &str = "eu-west-1";

/// What stands behind the name of a bucket in a host name.
const DOMAIN: &str = ".s3.invalid";

/// By how much the clocks may differ.
///
/// Source: Amazon S3 API Reference, error `RequestTimeTooSkewed`.
const MAX_SKEW_SECONDS: i64 = 15 * 60;

/// A server with the bucket `invoices`.
#[derive(Clone, Copy, Default)]
struct Storage {
    /// By how much its clock is ahead.
    ahead: Duration,
}

/// A request as it came.
struct Received {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Storage {
    async fn start(self) -> SocketAddr {
        let app = Router::new().fallback(
            async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
                let received = Received {
                    method,
                    uri,
                    headers,
                    body,
                };
                self.answer(&received)
            },
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }

    fn answer(self, received: &Received) -> Response {
        if let Err((code, name)) = self.verify(received) {
            let body = format!("<Error><Code>{name}</Code><Message>no</Message></Error>");
            return (StatusCode::from_u16(code).unwrap(), body).into_response();
        }
        let of_host = received.header("host").strip_suffix(DOMAIN);
        let bucket = of_host.unwrap_or_else(|| received.uri.path().trim_matches('/'));
        match bucket {
            "invoices" => StatusCode::OK.into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn verify(self, received: &Received) -> Result<(), (u16, &'static str)> {
        let malformed = (400, "AuthorizationHeaderMalformed");
        let fields = received.header("authorization");
        let fields = fields.strip_prefix("AWS4-HMAC-SHA256 ").ok_or(malformed)?;
        let fields: BTreeMap<_, _> = fields
            .split(", ")
            .filter_map(|it| it.split_once('='))
            .collect();
        let credential: Vec<_> = fields["Credential"].split('/').collect();
        let time = received.header("x-amz-date");
        let [id, day, REGION, "s3", "aws4_request"] = credential[..] else {
            return Err(malformed);
        };
        if id != ID {
            return Err((403, "InvalidAccessKeyId"));
        }
        if day != &time[..8] {
            return Err(malformed);
        }
        let now = (SystemTime::now() + self.ahead).duration_since(UNIX_EPOCH);
        let skew = seconds(time) - i64::try_from(now.unwrap().as_secs()).unwrap();
        if skew.abs() > MAX_SKEW_SECONDS {
            return Err((403, "RequestTimeTooSkewed"));
        }
        let token = received.header("x-amz-security-token");
        if !token.is_empty() && token != TOKEN {
            return Err((400, "ExpiredToken"));
        }
        if received.header("x-amz-content-sha256") != sha256(&received.body) {
            return Err((400, "XAmzContentSHA256Mismatch"));
        }
        let scope = credential[1..].join("/");
        let request = received
            .canonical(fields["SignedHeaders"])
            .ok_or(malformed)?;
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            sha256(request.as_bytes())
        );
        let key = [day, REGION, "s3", "aws4_request"]
            .iter()
            .fold(format!("AWS4{SECRET}").into_bytes(), |key, part| {
                sign(&key, part)
            });
        match hex(&sign(&key, &to_sign)) == fields["Signature"] {
            true => Ok(()),
            false => Err((403, "SignatureDoesNotMatch")),
        }
    }
}

impl Received {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Returns what is signed, nothing where a header is left out that has to be.
    fn canonical(&self, signed: &str) -> Option<String> {
        let names: Vec<_> = signed.split(';').collect();
        let mut needed = self.headers.keys().map(|name| name.as_str());
        if !needed.all(|it| !(it == "host" || it.starts_with("x-amz-")) || names.contains(&it)) {
            return None;
        }
        let mut pairs: Vec<_> = self.uri.query().unwrap_or_default().split('&').collect();
        pairs.sort_unstable();
        let headers = names.iter().fold(String::new(), |mut all, name| {
            writeln!(all, "{name}:{}", self.header(name).trim()).unwrap();
            all
        });
        let (method, path, query) = (&self.method, self.uri.path(), pairs.join("&"));
        let hash = self.header("x-amz-content-sha256");
        Some(format!(
            "{method}\n{path}\n{query}\n{headers}\n{signed}\n{hash}"
        ))
    }
}

fn sign(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads `20261121T075500Z` as seconds since 1970.
fn seconds(time: &str) -> i64 {
    let number = |place: std::ops::Range<usize>| time[place].parse::<i64>().unwrap();
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    // The year begins in March here, so that the day that is sometimes there comes last.
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    let of_day = number(9..11) * 3600 + number(11..13) * 60 + number(13..15);
    (days - 719_469) * 86_400 + of_day
}

fn bucket(name: &str, keys: AwsCredentials, address: SocketAddr) -> S3Bucket {
    let bucket = S3Bucket::new(name, REGION, keys).unwrap();
    bucket.endpoint(&url(address)).unwrap().path_style()
}

#[test]
fn signatures_are_those_of_aws() {
    assert_eq!(seconds("20000301T000001Z"), 951_868_801);
    assert_eq!(seconds("20261121T075500Z"), 1_795_247_700);
    alone(async {
        let keys = || AwsCredentials::new(ID, SECRET);
        let session = |token: &str| AwsCredentials::session(ID, SECRET, token);
        let address = Storage::default().start().await;
        for (name, keys) in [("keys", keys()), ("session", session(TOKEN))] {
            assert_up(name, &ask(&bucket("invoices", keys, address)).await);
        }
        let ahead = |minutes: u64| Storage {
            ahead: Duration::from_secs(minutes * 60),
        };
        let elsewhere = S3Bucket::new("invoices", "us-west-2", keys()).unwrap();
        let elsewhere = elsewhere.endpoint(&url(address)).unwrap().path_style();
        let down = [
            (bucket("other", keys(), address), "there is no such bucket"),
            (
                bucket("invoices", AwsCredentials::new(ID, "x"), address),
                "the secret key is wrong",
            ),
            (
                bucket("invoices", AwsCredentials::new("x", SECRET), address),
                "the access key is not known",
            ),
            (
                bucket("invoices", session("old"), address),
                "the session is over",
            ),
            (
                bucket("invoices", keys(), ahead(16).start().await),
                "the clock of this host is off",
            ),
            (elsewhere, "answered 400: AuthorizationHeaderMalformed: no"),
        ];
        for (check, reason) in down {
            assert_down(reason, &ask(&check).await, reason);
        }
        let nearly = bucket("invoices", keys(), ahead(14).start().await);
        assert_up("nearly off", &ask(&nearly).await);
    });
}

/// Asks for a bucket in front of a name that nobody resolves but the proxy, and for instances, of
/// which the storage behind the proxy knows nothing.
#[tokio::test]
#[ignore = "run by the test below"]
async fn asks_through_a_proxy() {
    let check = S3Bucket::new("invoices", REGION, AwsCredentials::new(ID, SECRET)).unwrap();
    let check = check.endpoint("http://s3.invalid").unwrap();
    assert_down("directly", &ask(&check).await, "was not resolved");
    let check = check.proxy_from_environment().unwrap();
    assert_up("through the proxy", &ask(&check).await);

    let instances = Ec2Instances::new(REGION, AwsCredentials::new(ID, SECRET)).unwrap();
    let instances = instances.endpoint("http://ec2.invalid").unwrap();
    let instances = instances.proxy_from_environment().unwrap();
    let reason = "answered 400: AuthorizationHeaderMalformed";
    assert_down("instances", &ask(&instances).await, reason);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_used_when_asked_for() {
    let proxy = Storage::default().start().await;
    let mut command = Command::new(std::env::current_exe().unwrap());
    let test = "storage::asks_through_a_proxy";
    command
        .args(["--exact", "--ignored", "--nocapture", test])
        .env("http_proxy", url(proxy))
        .env_remove("no_proxy");
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = run.await.unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("1 passed"), "{printed}{errors}");
}
