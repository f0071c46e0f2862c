//! TLS: rustls with ring, whatever provider the process has or has not.

use std::{path::Path, process::Command, sync::Arc};

use check_testing::Authority;
use health_checks::Tls;
use health_core::Status;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::{
    dependency, detail, health, http,
    server::{Server, read_head, response},
};

/// Returns settings for a client of the test's own.
pub(crate) fn trusting_nobody() -> ClientConfig {
    trusting(RootCertStore::empty())
}

fn trusting(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

pub(crate) fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

pub(crate) async fn tls_server(certificate: &CertifiedKey<KeyPair>) -> Server {
    let key = PrivateKeyDer::Pkcs8(certificate.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key)
        .unwrap();
    accepting(config).await
}

async fn accepting(config: ServerConfig) -> Server {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Server::raw(move |stream| {
        let accepting = acceptor.accept(stream);
        async move {
            let Ok(mut stream) = accepting.await else {
                return;
            };
            while read_head(&mut stream).await.is_some() {
                stream.write_all(&response(200, "", "safe")).await.unwrap();
            }
        }
    })
    .await
}

pub(crate) fn https(server: &Server) -> String {
    format!("https://{}/", server.address)
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_for_what_it_is() {
    let server = tls_server(&certificate()).await;
    let found = health(&http(&https(&server))).await;
    assert_eq!(*found.status(), Status::DOWN);
    let error = detail(&found, "error");
    let expected = format!(
        "TLS with {} failed: invalid peer certificate: UnknownIssuer",
        server.address
    );
    assert!(error.starts_with(&expected), "{error}");
}

#[tokio::test]
async fn a_port_without_tls_is_told() {
    let server = Server::raw(|mut stream| async move {
        _ = stream.write_all(b"220 mail.example ESMTP\r\n").await;
        std::future::pending().await
    })
    .await;
    let error = detail(&health(&http(&https(&server))).await, "error");
    let expected = format!("TLS with {} failed: ", server.address);
    assert!(
        error.starts_with(&expected) && error.ends_with("; is it a port without TLS?"),
        "{error}"
    );
}

#[tokio::test]
async fn a_handshake_that_the_server_ends_is_told_by_one_sentence() {
    // What is closed with something unread is reset.
    for reads in [true, false] {
        let server = Server::raw(move |mut stream| async move {
            let mut hello = [0; 4096];
            let _ = if reads {
                stream.read(&mut hello).await
            } else {
                stream.peek(&mut hello).await
            };
        })
        .await;
        let error = detail(&health(&http(&https(&server))).await, "error");
        let expected = format!(
            "TLS with {} failed: the server closed the connection; is it a port without TLS?",
            server.address
        );
        assert_eq!(error, expected, "reads: {reads}");
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_told() {
    let server = Server::raw(|stream| async move {
        let _keep = stream;
        std::future::pending().await
    })
    .await;
    let error = detail(&health(&http(&https(&server))).await, "error");
    assert_eq!(
        error,
        format!("{} did not agree on TLS within 800 ms", server.address)
    );
}

#[tokio::test]
async fn an_own_client_with_an_own_authority() {
    let certificate = certificate();
    let server = tls_server(&certificate).await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(trusting(roots))
        .no_proxy()
        .build()
        .unwrap();
    let check = http(&https(&server)).client(client);
    for _ in 0..3 {
        assert_eq!(*health(&check).await.status(), Status::UP);
    }
    assert_eq!(server.accepted(), 1);
}

/// Trusts this certificate alone.
pub(crate) fn only(certificate: &CertifiedKey<KeyPair>) -> Tls {
    Tls::new().ca(certificate.cert.pem()).unwrap()
}

#[tokio::test]
async fn a_private_authority_is_trusted_and_no_other() {
    let certificate = certificate();
    let server = tls_server(&certificate).await;
    let check = http(&https(&server)).tls(only(&certificate));
    for _ in 0..3 {
        assert_eq!(*health(&check).await.status(), Status::UP);
    }
    assert_eq!(server.accepted(), 1, "its client keeps connections");
    let dependency = dependency(&https(&server)).tls(only(&certificate));
    let error = detail(&health(&dependency).await, "error");
    assert!(error.starts_with("answered"), "{error}");
    let other = only(&self::certificate());
    let error = detail(&health(&check.tls(other)).await, "error");
    assert!(error.contains("invalid peer certificate: "), "{error}");
    assert!(!error.contains("found on this system"), "{error}");
}

#[tokio::test]
async fn any_certificate_is_accepted_where_that_was_said() {
    let elsewhere = generate_simple_self_signed(["elsewhere.example".to_owned()]).unwrap();
    let server = tls_server(&elsewhere).await;
    let check = http(&https(&server));
    let strict = health(&check.clone().tls(only(&elsewhere))).await;
    let error = detail(&strict, "error");
    assert!(error.contains("not valid for name"), "{error}");
    let found = health(&check.tls(Tls::new().insecure_accept_any_certificate())).await;
    assert_eq!(*found.status(), Status::UP, "{found:?}");
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_it() {
    let authority = Authority::new("private");
    let server = mutual_tls_server(&authority).await;
    let own = authority.sign(&["check"]);
    let strange = Authority::new("strange").sign(&["check"]);
    let trusting = || Tls::new().ca(authority.pem()).unwrap();
    let with = |tls: Tls| http(&https(&server)).tls(tls);
    let tls = trusting().identity(&own.certificate, &own.key).unwrap();
    let check = with(tls);
    assert_eq!(
        *health(&check).await.status(),
        Status::UP,
        "{:?}",
        health(&check).await
    );
    let strange = trusting()
        .identity(&strange.certificate, &strange.key)
        .unwrap();
    for (name, tls) in [("none", trusting()), ("of another authority", strange)] {
        let found = health(&with(tls)).await;
        assert_eq!(*found.status(), Status::DOWN, "{name}");
        let error = detail(&found, "error");
        let expected = format!("TLS with {} failed: received fatal alert: ", server.address);
        assert!(error.starts_with(&expected), "{name}: {error}");
    }
}

async fn mutual_tls_server(authority: &Authority) -> Server {
    let provider = || Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap();
    roots.add(ca).unwrap();
    let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
    let identity = authority.sign(&["127.0.0.1"]);
    let chain = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(vec![chain], key)
        .unwrap();
    accepting(config).await
}

/// Runs one of the ignored tests below in a process of its own, with other system certificates.
async fn in_another_process(test: &str, certificates: &Path, url: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "--nocapture", test])
        .env("SSL_CERT_FILE", certificates)
        .env_remove("SSL_CERT_DIR")
        .env("CHECKED_URL", url);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_shared_client_trusts_the_authorities_of_the_system() {
    let certificate = certificate();
    let server = tls_server(&certificate).await;
    let file = TemporaryFile::new("trusted.pem", &certificate.cert.pem());
    in_another_process("tls::is_up", file.path(), &https(&server)).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_system_without_certificates_can_ask_by_plain_http() {
    let file = TemporaryFile::new("none.pem", "");
    let server = Server::answering(|_| response(200, "", "plain")).await;
    in_another_process("tls::is_up", file.path(), &server.url("/")).await;
    let server = tls_server(&certificate()).await;
    in_another_process("tls::has_no_authorities", file.path(), &https(&server)).await;
}

#[tokio::test]
#[ignore = "run by `in_another_process`"]
async fn is_up() {
    let found = health(&http(&std::env::var("CHECKED_URL").unwrap())).await;
    assert_eq!(*found.status(), Status::UP, "{found:?}");
    let provider = rustls::crypto::CryptoProvider::get_default();
    assert!(
        provider.is_none(),
        "the provider of the process is the application's business"
    );
}

#[tokio::test]
#[ignore = "run by `in_another_process`"]
async fn has_no_authorities() {
    let error = detail(
        &health(&http(&std::env::var("CHECKED_URL").unwrap())).await,
        "error",
    );
    assert!(
        error.ends_with("UnknownIssuer; no certificates of authorities were found on this system"),
        "{error}"
    );
}

struct TemporaryFile(std::path::PathBuf);

impl TemporaryFile {
    fn new(name: &str, content: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("health-checks-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}
