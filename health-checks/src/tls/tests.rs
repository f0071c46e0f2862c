use rcgen::{CertifiedKey as Made, KeyPair, generate_simple_self_signed};

use super::*;

fn made() -> (String, String) {
    let Made { cert, signing_key } = generate_simple_self_signed(["h".to_owned()]).unwrap();
    (cert.pem(), KeyPair::serialize_pem(&signing_key))
}

#[test]
fn what_is_wrong_is_told_without_its_text() {
    let (certificate, key) = made();
    let (_, other_key) = made();
    let cut = |pem: &str| pem[..pem.len() / 2].to_owned();
    let no_der = "-----BEGIN CERTIFICATE-----\nczNjcmV0\n-----END CERTIFICATE-----\n";
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nczNjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let no_key = "-----BEGIN PRIVATE KEY-----\nczNjcmV0\n-----END PRIVATE KEY-----\n";
    let ca = |pem: &str| Tls::new().ca(pem).map(|_| ());
    let identity = |certificate: &str, key: &str| Tls::new().identity(certificate, key).map(|_| ());
    let cases = [
        (
            "no PEM",
            ca("s3cret"),
            "certificate authority: there is no certificate in it",
        ),
        (
            "a key for an authority",
            ca(&key),
            "certificate authority: there is no certificate in it",
        ),
        (
            "cut",
            ca(&cut(&certificate)),
            "certificate authority: the PEM text has no end line",
        ),
        (
            "no base64",
            ca("-----BEGIN CERTIFICATE-----\ns3!cret\n-----END CERTIFICATE-----\n"),
            "certificate authority: what stands in the PEM text is not base64",
        ),
        (
            "no DER",
            ca(no_der),
            "certificate authority: a certificate cannot be read: ",
        ),
        (
            "no certificate",
            identity("s3cret", &key),
            "client certificate: there is no certificate",
        ),
        (
            "broken certificate",
            identity(no_der, &key),
            "client certificate: it cannot be read: ",
        ),
        (
            "no key",
            identity(&certificate, "s3cret"),
            "key of the client certificate: there is no private key",
        ),
        (
            "the certificate twice",
            identity(&certificate, &certificate),
            "key of the client certificate: there is no private key",
        ),
        (
            "cut key",
            identity(&certificate, &cut(&key)),
            "key of the client certificate: the PEM text has no end line",
        ),
        (
            "broken key",
            identity(&certificate, no_key),
            "key of the client certificate: it is of a kind that is not known",
        ),
        (
            "encrypted key",
            identity(&certificate, encrypted),
            "key of the client certificate: it is encrypted",
        ),
        (
            "other key",
            identity(&certificate, &other_key),
            "key of the client certificate: it belongs to another certificate",
        ),
    ];
    for (name, result, text) in cases {
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(text), "{name}: {error}");
        for secret in ["s3", "czNjcmV0", &key[30..60]] {
            assert!(!error.contains(secret), "{name}: {error}");
        }
    }
}

#[test]
fn settings_are_what_was_set() {
    let (certificate, key) = made();
    let both = format!("{key}{certificate}");
    let tls = Tls::new()
        .ca(&certificate)
        .unwrap()
        .ca(&certificate)
        .unwrap();
    let tls = tls.identity(&both, &both).unwrap();
    assert!(tls.client_config().client_auth_cert_resolver.has_certs());
    assert!(!tls.is_default() && tls.has_roots());
    let shown = format!("{tls:?}");
    assert_eq!(
        shown,
        r#"Tls { trusts: "2 authorities", has_identity: true }"#
    );
    assert!(Tls::new().is_default());
    let config = Tls::new().client_config();
    assert!(!config.client_auth_cert_resolver.has_certs() && config.alpn_protocols.is_empty());
    let anybody = tls.insecure_accept_any_certificate();
    assert!(format!("{anybody:?}").contains("anybody"), "{anybody:?}");
}
