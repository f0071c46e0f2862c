//! The check over lettre's transport, against aiosmtpd and against servers that misbehave.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

#[path = "../shared/mod.rs"]
mod shared;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use check_testing::{
    Refusing, Suite,
    servers::{
        canned::{Canned, End},
        smtp::{PASSWORD, Smtp, USER},
    },
};
use health_checks::SmtpTransport;
use lettre::{AsyncSmtpTransport, Tokio1Executor, transport::smtp::authentication::Credentials};
use serde_json::json;

use self::shared::{alone, ask, assert_down, assert_up, detail};

fn check(address: SocketAddr, password: &str) -> SmtpTransport {
    let host = address.ip().to_string();
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(address.port())
        .timeout(Some(Duration::from_secs(60)))
        .credentials(Credentials::new(USER.to_owned(), password.to_owned()))
        .build();
    SmtpTransport::new("mail.test", transport)
}

#[test]
fn it_passes_the_suite() {
    alone(async {
        let mut server = Smtp::plain("PLAIN,LOGIN");
        let wrong = check(server.address(), "wr0ng-pa55word");
        let make = async |address| Arc::new(check(address, PASSWORD)) as _;
        Suite::new(server.address(), make)
            .secret(PASSWORD)
            .secret("wr0ng-pa55word")
            .down("wrong password", wrong)
            .restart(&mut server)
            .run()
            .await;
    });
}

#[test]
fn what_went_wrong_is_told() {
    alone(async {
        let server = Smtp::plain("PLAIN");
        let health = ask(&check(server.address(), PASSWORD)).await;
        assert_up("server", &health);
        assert_eq!(detail(&health, "location"), json!("mail.test"));
        let health = ask(&check(server.address(), "wrong")).await;
        let reason = json!("authentication failed: the server answered 535");
        assert_eq!(detail(&health, "error"), reason);

        let nobody = Refusing::new();
        let refusing = nobody.address();
        let canned = |answers: &[&str], end| Canned::start(answers, end).address();
        let cases = [
            ("refused", refusing, "the server refused the connection"),
            ("silent", canned(&[""], End::Hold), "no answer within"),
            (
                "rejects",
                canned(&["554 go away\r\n"], End::Close),
                "the server answered with an error: permanent error (554): go away",
            ),
            (
                "no mail server",
                canned(&["HTTP/1.1 400 Bad Request\r\n"], End::Close),
                "response error",
            ),
            ("closes", canned(&[""], End::Close), "response error"),
        ];
        for (name, address, reason) in cases {
            assert_down(name, &ask(&check(address, PASSWORD)).await, reason);
        }
    });
}
