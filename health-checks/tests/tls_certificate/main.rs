//! The check of TLS certificates, against the OpenSSL of Python.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod expiry;
#[path = "../shared/mod.rs"]
mod shared;
mod trust;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use check_testing::{
    Authority, Identity, Suite,
    servers::tls::{TlsServer, TlsVersion},
};
use health_checks::{Tls, TlsCertificate};
use serde_json::json;

use self::shared::{alone, ask, assert_up, detail};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a check that trusts an authority and expects a certificate for `localhost`.
fn certificate(address: SocketAddr, authority: &Authority) -> TlsCertificate {
    TlsCertificate::new(address.to_string())
        .unwrap()
        .host_name("localhost")
        .unwrap()
        .tls(Tls::new().ca(authority.pem()).unwrap())
}

fn server(identity: &Identity) -> TlsServer {
    TlsServer::start(identity, TlsVersion::V1_3)
}

#[test]
fn it_passes_the_suite() {
    alone(async {
        let authority = Authority::new("suite");
        let mut server = server(&authority.sign(&["localhost"]));
        let address = server.address();
        let other = certificate(address, &Authority::new("other"));
        let check = async |address| Arc::new(certificate(address, &authority)) as _;
        Suite::new(address, check)
            .down("other authority", other)
            .restart(&mut server)
            .run()
            .await;
    });
}

#[test]
fn what_is_shown_is_told() {
    alone(async {
        let root = Authority::new("root");
        let middle = root.authority_with("middle", |_| {});
        let mut identity = middle.sign_with(&["localhost", "127.0.0.1"], |params| {
            params.not_before = rcgen::date_time_ymd(2020, 2, 29);
            params.not_after = rcgen::date_time_ymd(2099, 12, 31);
        });
        identity.certificate.push_str(middle.pem());
        let server = server(&identity);
        let health = ask(&certificate(server.address(), &root)).await;
        assert_up("chain", &health);
        let address = server.address().to_string();
        let expected = [
            ("address", json!(address)),
            ("hostName", json!("localhost")),
            ("tls", json!("TLSv1.3")),
            ("issuer", json!("CN=middle")),
            ("subject", json!("CN=localhost")),
            ("alternativeNames", json!(["localhost", "127.0.0.1"])),
            ("validFrom", json!("2020-02-29T00:00:00Z")),
            ("validTo", json!("2099-12-31T00:00:00Z")),
        ];
        for (name, value) in expected {
            assert_eq!(detail(&health, name), value, "{name}: {health:?}");
        }
        let chain = detail(&health, "chain");
        assert_eq!(chain[0]["subject"], "CN=localhost", "{chain}");
        assert_eq!(chain[1]["subject"], "CN=middle", "{chain}");
        assert_eq!(chain[1]["issuer"], "CN=root", "{chain}");
        assert_eq!(chain.as_array().unwrap().len(), 2, "{chain}");
        assert!(detail(&health, "daysLeft").as_i64().unwrap() > 20_000);
        assert!(detail(&health, "connectMs").is_u64());
        assert!(
            detail(&health, "serialNumber")
                .as_str()
                .unwrap()
                .contains(':')
        );
        assert!(detail(&health, "clientCertificate").is_null());
    });
}
