//! Who is trusted, and why not.

use std::time::SystemTime;

use check_testing::{
    Authority, Identity,
    servers::{
        canned::{Canned, End},
        smtp::Smtp,
        tls::{TlsServer, TlsVersion},
    },
};
use health_checks::{Tls, TlsCertificate};
use serde_json::json;

use crate::{
    DAY, certificate, server,
    shared::{alone, ask, assert_down, assert_up, detail},
};

#[test]
fn why_a_certificate_is_refused_is_told_and_the_certificate_shown() {
    alone(async {
        let authority = Authority::new("ours");
        let future = authority.sign_with(&["localhost"], |params| {
            params.not_before = (SystemTime::now() + DAY).into();
        });
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let own = Identity {
            certificate: own.cert.pem(),
            key: own.signing_key.serialize_pem(),
        };
        let middle = authority.authority_with("middle", |_| {});
        let cases = [
            ("not yet valid", future, "the certificate is not valid yet"),
            ("self-signed", own, "UnknownIssuer; it is self-signed"),
            (
                "signs others",
                authority.sign_with(&["localhost"], |params| {
                    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
                }),
                "the certificate of an authority (CA:TRUE) as its own",
            ),
            (
                "other authority",
                Authority::new("theirs").sign(&["localhost"]),
                "UnknownIssuer",
            ),
            (
                "incomplete chain",
                middle.sign(&["localhost"]),
                "UnknownIssuer; it is shown without those that lead to its authority",
            ),
            (
                "other host",
                authority.sign(&["example.test"]),
                "not valid for name",
            ),
        ];
        for (name, identity, reason) in cases {
            let server = server(&identity);
            let health = ask(&certificate(server.address(), &authority)).await;
            assert_down(name, &health, reason);
            assert!(
                detail(&health, "error")
                    .as_str()
                    .unwrap()
                    .starts_with("TLS failed: "),
                "{name}: {health:?}"
            );
            assert!(detail(&health, "subject").is_string(), "{name}: {health:?}");
            assert!(detail(&health, "daysLeft").is_i64(), "{name}: {health:?}");
        }
    });
}

#[test]
fn the_authorities_of_the_system_do_not_include_a_private_one() {
    alone(async {
        let authority = Authority::new("private");
        let server = server(&authority.sign(&["127.0.0.1"]));
        let address = server.address().to_string();
        let check = TlsCertificate::new(&address).unwrap();
        assert_down("system", &ask(&check).await, "invalid peer certificate");
        let check = check.tls(Tls::new().ca(authority.pem()).unwrap());
        assert_up("address as the name", &ask(&check).await);
    });
}

#[test]
fn a_server_may_want_a_certificate_of_its_clients() {
    alone(async {
        let authority = Authority::new("both");
        let client = authority.sign(&["client"]);
        for (version, shown) in [(TlsVersion::V1_2, "TLSv1.2"), (TlsVersion::V1_3, "TLSv1.3")] {
            let identity = authority.sign(&["localhost"]);
            let server = TlsServer::start_mutual(&identity, version, authority.pem());
            let check = certificate(server.address(), &authority);
            let health = ask(&check).await;
            assert_up(shown, &health);
            assert_eq!(
                detail(&health, "clientCertificate"),
                json!("requested"),
                "{shown}"
            );
            assert!(detail(&health, "daysLeft").is_i64(), "{shown}");

            let tls = Tls::new().ca(authority.pem()).unwrap();
            let tls = tls.identity(&client.certificate, &client.key).unwrap();
            let health = ask(&check.clone().tls(tls)).await;
            assert_up(shown, &health);
            assert_eq!(
                detail(&health, "clientCertificate"),
                json!("shown"),
                "{shown}"
            );
            assert_eq!(detail(&health, "tls"), json!(shown));

            let stranger = Authority::new("stranger");
            let wrong = certificate(server.address(), &stranger);
            assert_down(shown, &ask(&wrong).await, "UnknownIssuer");
        }
    });
}

#[test]
fn a_mail_server_begins_by_starttls() {
    alone(async {
        let authority = Authority::new("mail");
        let server = Smtp::starttls(&authority.sign(&["localhost"]), "PLAIN");
        let check = certificate(server.address(), &authority);
        let health = ask(&check.clone().starttls_smtp()).await;
        assert_up("mail", &health);
        assert_eq!(detail(&health, "subject"), json!("CN=localhost"));
        assert_down(
            "without it",
            &ask(&check).await,
            "is it a port without TLS?",
        );

        let strangers = certificate(server.address(), &Authority::new("strangers"));
        let health = ask(&strangers.starttls_smtp()).await;
        assert_down("other authority", &health, "UnknownIssuer");
        let plain = Smtp::plain("PLAIN");
        let check = certificate(plain.address(), &authority).starttls_smtp();
        assert_down("not offered", &ask(&check).await, "does not offer STARTTLS");
    });
}

#[test]
fn what_is_no_tls_is_told() {
    alone(async {
        let authority = Authority::new("none");
        let cases = [
            (
                "greets",
                Canned::start(["220 mail ready\r\n"], End::Hold),
                "is it a port without TLS?",
            ),
            (
                "answers in HTTP",
                Canned::start(["", "HTTP/1.1 400 Bad Request\r\n\r\n"], End::Close),
                "is it a port without TLS?",
            ),
            (
                "closes",
                Canned::start(["", ""], End::Close),
                "closed the connection",
            ),
            (
                "silent",
                Canned::start([""], End::Hold),
                "no TLS handshake within",
            ),
        ];
        for (name, server, reason) in cases {
            let health = ask(&certificate(server.address(), &authority)).await;
            assert_down(name, &health, reason);
            assert!(detail(&health, "chain").is_null(), "{name}: {health:?}");
        }
    });
}
