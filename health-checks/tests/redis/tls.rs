//! TLS with a private authority and a client certificate.

use std::sync::Arc;

use check_testing::{Authority, Subject, Suite, servers::redis::Redis as Server};
use health_checks::{Redis, Tls};

use crate::{alone, ask, assert_down, assert_up, text};

#[test]
fn both_sides_are_verified() {
    alone(async {
        let authority = Authority::new("ours");
        let other = Authority::new("other");
        let hosts = ["127.0.0.1", "localhost"];
        let server = Server::start_tls(&authority.sign(&hosts), authority.pem(), &[]);
        let mine = authority.sign(&["client"]);
        let port = server.address().port();
        let trusts = |authority: &Authority| Tls::new().ca(authority.pem()).unwrap();
        let introduced = || {
            let tls = trusts(&authority);
            tls.identity(&mine.certificate, &mine.key).unwrap()
        };
        let connect = |host: &str, port: u16, tls: Tls| {
            let check = Redis::connect(format!("rediss://{host}:{port}")).unwrap();
            check.tls(tls).unwrap()
        };
        assert_up(&ask(&connect("localhost", port, introduced())).await);

        let misnamed = Server::start_tls(&authority.sign(&["db"]), authority.pem(), &[]);
        let other_port = misnamed.address().port();
        let cases = [
            (
                "unknown authority",
                connect("localhost", port, trusts(&other)),
                "UnknownIssuer",
            ),
            (
                "authorities of the system",
                connect("localhost", port, Tls::new()),
                "UnknownIssuer",
            ),
            (
                "no client certificate",
                connect("localhost", port, trusts(&authority)),
                "received fatal alert: CertificateRequired",
            ),
            (
                "other name",
                connect("localhost", other_port, introduced()),
                "not valid for name",
            ),
            (
                "no TLS",
                Redis::connect(format!("redis://localhost:{port}")).unwrap(),
                "the connection ",
            ),
        ];
        for (name, check, error) in cases {
            let health = ask(&check).await;
            assert!(!text(&health, "error").is_empty(), "{name}");
            assert_down(&health, error);
        }

        Suite::new(server.address(), async |address| {
            Arc::new(connect("127.0.0.1", address.port(), introduced())) as Arc<dyn Subject>
        })
        .runs(200)
        .run()
        .await;
    });
}

#[test]
fn settings_of_tls_need_a_url_with_tls() {
    let check = Redis::connect("redis://db").unwrap();
    let error = check.tls(Tls::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "TLS of the Redis check: the URL does not ask for TLS; write `rediss://`"
    );
}
