//! Neither ring nor aws-lc-rs is the provider of this process, and rustls cannot guess which one
//! should be: whoever leaves that to it panics.

// The setting for tests covers the test functions themselves and not what they share.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::{net::SocketAddr, panic, sync::Arc};

use check_testing::{Authority, Identity};
use health_checks::{
    Grpc, Http, MongoDb, Nats, RabbitMq, Redis, ServiceDependency, Smtp, Tls, TlsCertificate, Vault,
};
use health_core::{Check, Health, Status};
use rustls::{
    ClientConfig, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What a NATS server says before TLS begins.
const INFO: &[u8] = b"INFO {\"server_id\":\"x\",\"version\":\"2.10.0\",\"go\":\"\",\"host\":\"h\",\
    \"port\":1,\"max_payload\":1000,\"proto\":1,\"headers\":true,\"tls_required\":true}\r\n";

/// Says `first` without TLS, and then answers whatever it is sent as HTTP, by the provider that the
/// checks do not use.
async fn server(identity: &Identity, first: &'static [u8]) -> SocketAddr {
    let chain = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                stream.write_all(first).await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut asked = [0; 4096];
                while stream.read(&mut asked).await.is_ok_and(|count| count > 0) {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                    if stream.write_all(answer).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

fn assert_no_provider() {
    assert!(CryptoProvider::get_default().is_none());
}

/// Asks on a task of its own, which fails by name where the check panics; returns nothing when it
/// is UP, and else the error.
async fn error(name: &str, check: impl Check) -> Option<String> {
    let health = match tokio::spawn(async move { check.check().await }).await {
        Ok(Ok(health)) => health,
        Ok(Err(error)) => Health::down().error(error),
        Err(panic) => panic!("{name}: {panic}"),
    };
    assert_no_provider();
    let error = health.details().get("error");
    assert_eq!(
        *health.status() == Status::UP,
        error.is_none(),
        "{name}: {health:?}"
    );
    error.map(ToString::to_string)
}

/// Asks a check that does not trust the server, and has come as far as to know that.
async fn assert_untrusted(name: &str, check: impl Check) {
    let error = error(name, check).await.unwrap_or_default();
    let is_of_tls = ["certificate", "UnknownIssuer"]
        .iter()
        .any(|word| error.contains(word));
    assert!(is_of_tls, "{name}: {error}");
}

#[tokio::test]
async fn no_check_needs_the_provider_of_the_process() {
    assert_no_provider();
    let authority = Authority::new("private");
    let identity = authority.sign(&["127.0.0.1"]);
    let address = server(&identity, b"").await;
    let own = authority.sign(&["check"]);
    let trusting = || Tls::new().ca(authority.pem()).unwrap();
    let url = |scheme: &str| format!("{scheme}://{address}");
    let http = || Http::new(url("https")).unwrap();

    assert_eq!(error("trusting", http().tls(trusting())).await, None);
    let tls = trusting().identity(&own.certificate, &own.key).unwrap();
    assert_eq!(error("identity", http().tls(tls)).await, None);
    let anybody = Tls::new().insecure_accept_any_certificate();
    assert_eq!(error("anybody", http().tls(anybody)).await, None);

    assert_untrusted("http", http()).await;
    let check = ServiceDependency::new(url("https")).unwrap();
    assert_untrusted("service dependency", check).await;
    let check = Grpc::new(url("https")).unwrap();
    assert_untrusted("grpc", check).await;
    let check = Smtp::new(address.to_string()).unwrap();
    assert_untrusted("smtp", check.implicit_tls()).await;
    let check = TlsCertificate::new(address.to_string()).unwrap();
    assert_untrusted("tls-certificate", check).await;
    let check = Redis::connect(url("rediss")).unwrap();
    assert_untrusted("redis", check).await;
    let check = RabbitMq::connect(url("amqps")).unwrap();
    assert_untrusted("rabbitmq", check).await;
    let check = Vault::new(&url("https")).unwrap();
    assert_untrusted("vault", check).await;
    let check = MongoDb::connect(format!("{}/?tls=true", url("mongodb"))).unwrap();
    assert_untrusted("mongodb", check).await;
    let nats = server(&identity, INFO).await;
    let check = Nats::connect(format!("tls://{nats}")).unwrap();
    assert_untrusted("nats", check).await;
}

#[test]
fn rustls_cannot_guess_the_provider() {
    let guessed = panic::catch_unwind(|| drop(ClientConfig::builder()));
    assert!(guessed.is_err(), "both providers are in the graph no more");
    assert_no_provider();
}
