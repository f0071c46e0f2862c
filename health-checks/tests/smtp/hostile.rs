//! Servers that are none, and those that want to be clever.

use check_testing::{
    Authority,
    servers::{
        canned::{Canned, End},
        smtp::{PASSWORD, USER},
    },
};
use health_checks::Smtp;
use serde_json::json;

use crate::shared::{alone, ask, assert_down, detail};

fn plain(server: &Canned) -> Smtp {
    let check = Smtp::new(server.address().to_string()).unwrap();
    check.insecure_plain_text().credentials(USER, PASSWORD)
}

#[test]
fn what_a_server_does_wrong_is_told() {
    alone(async {
        let greeting = "220 mail.test\r\n";
        let plain_offer = "250-mail.test\r\n250 AUTH PLAIN\r\n";
        let login_offer = "250-mail.test\r\n250 AUTH LOGIN\r\n";
        let long = "2".repeat(5000);
        let endless = "250-x\r\n".repeat(101);
        let cases: [(&str, Vec<&str>, &str); 19] = [
            (
                "rejects",
                vec!["554 go away\r\n"],
                "greets with `554 go away`",
            ),
            ("busy", vec!["421 busy\r\n"], "greets with `421 busy`"),
            (
                "other code",
                vec!["250 hello\r\n"],
                "greets with `250 hello`",
            ),
            (
                "HTTP",
                vec!["HTTP/1.1 400 Bad Request\r\n"],
                "is not SMTP: `HTTP/1.1 400 Bad Request`",
            ),
            (
                "TLS",
                vec!["\x15\x03\x01\x00\x02\x02F\n"],
                "is it a port with TLS?",
            ),
            ("closes", vec![""], "the server closed the connection"),
            ("closes in an answer", vec!["220-mail\r\n"], "in an answer"),
            ("half a line", vec!["220 ma"], "is not SMTP: `220 ma`"),
            ("long line", vec![&long], "is not SMTP: `2222"),
            (
                "no hello",
                vec![greeting, "502 no\r\n"],
                "answered EHLO with `502 no`",
            ),
            ("endless", vec![greeting, &endless], "more than 100 lines"),
            (
                "two opinions",
                vec![greeting, "550-no\r\n250 AUTH PLAIN\r\n"],
                "the lines of an answer have different codes",
            ),
            (
                "all at once",
                vec!["220 mail\r\n250-mail\r\n250 AUTH PLAIN\r\n235 welcome\r\n"],
                "the server answers before it is asked",
            ),
            (
                "goes down",
                vec![greeting, plain_offer, "421 4.3.2 bye\r\n"],
                "authentication failed: the server answered 421 4.3.2",
            ),
            (
                "no AUTH",
                vec![greeting, "250 mail.test\r\n"],
                "does not offer AUTH",
            ),
            (
                "strange AUTH",
                vec![greeting, "250-mail.test\r\n250 AUTH XOAUTH2\r\n"],
                "AUTH by XOAUTH2 and not by PLAIN or LOGIN",
            ),
            (
                "temporary",
                vec![greeting, plain_offer, "454 4.7.0 later\r\n"],
                "authentication failed: the server answered 454 4.7.0",
            ),
            (
                "repeats the password",
                vec![
                    greeting,
                    login_offer,
                    "334 \r\n",
                    "334 \r\n",
                    "535 no s3cret-pa55word\r\n",
                ],
                "authentication failed: the server answered 535",
            ),
            (
                "wants more",
                vec![greeting, plain_offer, "334 more\r\n"],
                "authentication failed: the server answered 334",
            ),
        ];
        for (name, answers, reason) in cases {
            let server = Canned::start(answers, End::Close);
            let health = ask(&plain(&server)).await;
            assert_down(name, &health, reason);
            assert!(
                !format!("{health:?}").contains(PASSWORD),
                "{name}: {health:?}"
            );
        }
    });
}

#[test]
fn silence_is_told_with_what_was_waited_for() {
    alone(async {
        let cases: [(&str, Vec<&str>, &str); 2] = [
            ("from the beginning", vec![""], "no greeting within"),
            ("after it", vec!["220 mail.test\r\n"], "no answer within"),
        ];
        for (name, answers, reason) in cases {
            let server = Canned::start(answers, End::Hold);
            assert_down(name, &ask(&plain(&server)).await, reason);
        }
    });
}

#[test]
fn a_connection_that_is_reset_is_told() {
    alone(async {
        let server = Canned::start(["220 mail.test\r\n"], End::Reset);
        let reason = "the connection broke off: reset the connection";
        assert_down("reset", &ask(&plain(&server)).await, reason);
    });
}

#[test]
fn what_was_said_before_tls_is_not_heard_in_it() {
    alone(async {
        let server = Canned::start(
            [
                "220 mail.test\r\n",
                "250-mail.test\r\n250 STARTTLS\r\n",
                "220 go\r\n250-mail.test\r\n250 AUTH PLAIN\r\n",
            ],
            End::Hold,
        );
        let authority = Authority::new("mail");
        let check = crate::check(server.address(), &authority).credentials(USER, PASSWORD);
        let health = ask(&check).await;
        assert_down(
            "injection",
            &health,
            "the server said more than TLS may begin with",
        );
        assert_eq!(detail(&health, "authenticated"), json!(false));
    });
}

#[test]
fn a_server_that_does_not_say_goodbye_is_up() {
    alone(async {
        let server = Canned::start(["220 mail.test\r\n", "250 mail.test\r\n"], End::Hold);
        let check = Smtp::new(server.address().to_string()).unwrap();
        let health = ask(&check.insecure_plain_text()).await;
        crate::shared::assert_up("no goodbye", &health);
    });
}
