//! TLS and credentials, as real servers want them.

use check_testing::{
    Authority,
    servers::smtp::{PASSWORD, Smtp, USER},
};
use health_checks::Smtp as Check;
use serde_json::json;

use crate::{
    WRONG, check,
    shared::{alone, ask, assert_down, assert_up, detail},
};

#[test]
fn starttls_and_both_mechanisms_work() {
    alone(async {
        let authority = Authority::new("mail");
        let identity = authority.sign(&["127.0.0.1"]);
        for mechanisms in ["PLAIN", "LOGIN", "PLAIN,LOGIN"] {
            let server = Smtp::starttls(&identity, mechanisms);
            let check = check(server.address(), &authority);
            let health = ask(&check.clone().credentials(USER, PASSWORD)).await;
            assert_up(mechanisms, &health);
            assert_eq!(detail(&health, "authenticated"), json!(true));
            assert_eq!(detail(&health, "tls"), json!("TLSv1.3"));
            assert_eq!(
                detail(&health, "location"),
                json!(server.address().to_string())
            );
            assert!(detail(&health, "connectMs").is_u64());

            let health = ask(&check.clone().credentials(USER, WRONG)).await;
            let reason = "authentication failed: the server answered 535 5.7.8";
            assert_down(mechanisms, &health, reason);
            assert_eq!(detail(&health, "authenticated"), json!(false));

            let health = ask(&check).await;
            assert_up("no credentials", &health);
            assert!(detail(&health, "authenticated").is_null());
        }
    });
}

#[test]
fn tls_from_the_beginning_works() {
    alone(async {
        let authority = Authority::new("mail");
        let server = Smtp::implicit_tls(&authority.sign(&["127.0.0.1"]), "PLAIN");
        let check = check(server.address(), &authority);
        let implicit = check.clone().implicit_tls().credentials(USER, PASSWORD);
        let health = ask(&implicit).await;
        assert_up("implicit", &health);
        assert_eq!(detail(&health, "tls"), json!("TLSv1.3"));
        assert_down("greeting awaited", &ask(&check).await, "no greeting within");
    });
}

#[test]
fn without_tls_only_on_purpose() {
    alone(async {
        let server = Smtp::plain("PLAIN");
        let check = Check::new(server.address().to_string()).unwrap();
        let cases = [
            ("by default", check.clone(), "does not offer STARTTLS"),
            (
                "credentials in the open",
                check
                    .clone()
                    .insecure_starttls_if_offered()
                    .credentials(USER, PASSWORD),
                "credentials are not sent without TLS",
            ),
        ];
        for (name, check, reason) in cases {
            assert_down(name, &ask(&check).await, reason);
        }
        let offered = check.clone().insecure_starttls_if_offered();
        let plain = check.insecure_plain_text().credentials(USER, PASSWORD);
        for (name, check) in [("if offered", offered), ("plain", plain)] {
            let health = ask(&check).await;
            assert_up(name, &health);
            assert!(detail(&health, "tls").is_null(), "{name}: {health:?}");
        }
    });
}

#[test]
fn offered_starttls_is_taken_and_verified() {
    alone(async {
        let authority = Authority::new("mail");
        let server = Smtp::starttls(&authority.sign(&["127.0.0.1"]), "PLAIN");
        let offered = check(server.address(), &authority).insecure_starttls_if_offered();
        let health = ask(&offered).await;
        assert_up("offered", &health);
        assert_eq!(detail(&health, "tls"), json!("TLSv1.3"));

        let strangers = Authority::new("strangers");
        let other = check(server.address(), &strangers).insecure_starttls_if_offered();
        let reason = "TLS failed: invalid peer certificate: UnknownIssuer";
        assert_down("other authority", &ask(&other).await, reason);

        let elsewhere = Smtp::starttls(&authority.sign(&["mail.test"]), "PLAIN");
        let health = ask(&check(elsewhere.address(), &authority)).await;
        assert_down("name", &health, "not valid for name");
    });
}
