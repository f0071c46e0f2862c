//! The SMTP check, against aiosmtpd and against servers that misbehave.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

mod hostile;
mod login;
#[path = "../shared/mod.rs"]
mod shared;

use std::{net::SocketAddr, sync::Arc};

use check_testing::{
    Authority, Suite,
    servers::smtp::{self, PASSWORD, USER},
};
use health_checks::{Smtp, Tls};

use self::shared::alone;

const WRONG: &str = "wr0ng-pa55word";

fn check(address: SocketAddr, authority: &Authority) -> Smtp {
    let tls = Tls::new().ca(authority.pem()).unwrap();
    Smtp::new(address.to_string()).unwrap().tls(tls)
}

#[test]
fn it_passes_the_suite() {
    alone(async {
        let authority = Authority::new("suite");
        let identity = authority.sign(&["127.0.0.1"]);
        let mut server = smtp::Smtp::starttls(&identity, "PLAIN,LOGIN");
        let address = server.address();
        let known = check(address, &authority).credentials(USER, PASSWORD);
        let wrong = check(address, &authority).credentials(USER, WRONG);
        let other = check(address, &Authority::new("other")).credentials(USER, PASSWORD);
        let make =
            async |address| Arc::new(check(address, &authority).credentials(USER, PASSWORD)) as _;
        Suite::new(address, make)
            .secret(PASSWORD)
            .secret(WRONG)
            .down("wrong password", wrong)
            .down("other authority", other)
            .down("TLS from the beginning", known.implicit_tls())
            .restart(&mut server)
            .run()
            .await;
    });
}
