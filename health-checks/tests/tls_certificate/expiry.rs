//! Days left.

use std::time::SystemTime;

use check_testing::{Authority, Identity};
use health_checks::Tls;
use health_core::Status;
use serde_json::json;

use crate::{
    DAY, certificate, server,
    shared::{alone, ask, assert_down, assert_up, detail},
};

/// Signs a certificate that is valid for so many days and an hour.
fn valid_for(authority: &Authority, days: u32) -> Identity {
    authority.sign_with(&["localhost"], |params| {
        params.not_after = (SystemTime::now() + DAY * days + DAY / 24).into();
    })
}

#[test]
fn the_days_that_are_left_decide() {
    alone(async {
        let authority = Authority::new("days");
        let default = health_checks::DEFAULT_MIN_DAYS_LEFT;
        let cases = [
            ("enough", default, None, "UP"),
            ("one too few", default - 1, None, "DEGRADED"),
            ("last day", 0, None, "DEGRADED"),
            ("few are enough", 3, Some(3), "UP"),
            ("many are expected", 89, Some(90), "DEGRADED"),
        ];
        for (name, days, least, status) in cases {
            let server = server(&valid_for(&authority, days));
            let mut check = certificate(server.address(), &authority);
            if let Some(least) = least {
                check = check.min_days_left(least);
            }
            let health = ask(&check).await;
            assert_eq!(health.status().code(), status, "{name}: {health:?}");
            assert_eq!(detail(&health, "daysLeft"), json!(days), "{name}");
            let least = least.unwrap_or(default);
            let error =
                format!("the certificate expires in {days} days, at least {least} are expected");
            let expected = if status == "UP" {
                json!(null)
            } else {
                json!(error)
            };
            assert_eq!(detail(&health, "error"), expected, "{name}");
        }

        let server = server(&valid_for(&authority, 5));
        let check = certificate(server.address(), &authority).expiring(Status::DOWN);
        assert_down(
            "status of one's own",
            &ask(&check).await,
            "expires in 5 days",
        );
    });
}

#[test]
fn the_whole_chain_counts() {
    alone(async {
        let root = Authority::new("root");
        let middle = root.authority_with("middle", |params| {
            params.not_after = (SystemTime::now() + DAY * 7 + DAY / 24).into();
        });
        let mut identity = valid_for(&middle, 300);
        identity.certificate.push_str(middle.pem());
        let server = server(&identity);
        let health = ask(&certificate(server.address(), &root)).await;
        assert_eq!(*health.status(), Status::DEGRADED, "{health:?}");
        assert_eq!(detail(&health, "daysLeft"), json!(7));
        let error = "the certificate of its authority `CN=middle` expires in 7 days, at least 14 are expected";
        assert_eq!(detail(&health, "error"), json!(error));
    });
}

#[test]
fn what_clients_do_not_need_does_not_count() {
    alone(async {
        let root = Authority::new("root");
        let old = root.authority_with("old", |params| {
            params.not_before = rcgen::date_time_ymd(2015, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 9, 30);
        });
        let mut identity = valid_for(&root, 300);
        identity.certificate.push_str(old.pem());
        identity.certificate.push_str(root.pem());
        let server = server(&identity);
        let health = ask(&certificate(server.address(), &root)).await;
        assert_up("superfluous", &health);
        assert_eq!(detail(&health, "daysLeft"), json!(300));
    });
}

#[test]
fn an_expired_one_is_down_and_shown() {
    alone(async {
        let root = Authority::new("root");
        let expired = root.sign_with(&["localhost"], |params| {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = (SystemTime::now() - DAY * 3 + DAY / 24).into();
        });
        let server = server(&expired);
        let check = certificate(server.address(), &root);
        let health = ask(&check).await;
        assert_down("expired", &health, "expired");
        assert_eq!(detail(&health, "daysLeft"), json!(-3), "{health:?}");
        assert_eq!(detail(&health, "subject"), json!("CN=localhost"));

        let check = check.tls(Tls::new().insecure_accept_any_certificate());
        let health = ask(&check).await;
        assert_down(
            "expired, any accepted",
            &health,
            "the certificate has expired",
        );
    });
}
