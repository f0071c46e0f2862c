//! gRPC by TLS.

use check_testing::{
    Authority,
    servers::{
        grpc::Grpc as Server,
        tls::{TlsServer, TlsVersion},
    },
};
use health_checks::{Grpc, Tls};

use crate::shared::{alone, ask, assert_down, assert_up};

fn check(address: std::net::SocketAddr, authority: &Authority) -> Grpc {
    let port = address.port();
    let check = Grpc::new(format!("https://localhost:{port}")).unwrap();
    check.tls(Tls::new().ca(authority.pem()).unwrap())
}

#[test]
fn a_private_authority_is_trusted_when_it_is_named() {
    alone(async {
        let authority = Authority::new("ours");
        let server = Server::start_tls(&authority.sign(&["localhost"]));
        let address = server.address();
        assert_up("ours", &ask(&check(address, &authority)).await);
        let plain = Grpc::new(format!("http://{address}")).unwrap();
        let by_address = Grpc::new(format!("https://{address}")).unwrap();
        let by_address = by_address.tls(Tls::new().ca(authority.pem()).unwrap());
        let of_system = check(address, &authority).tls(Tls::new());
        let cases = [
            (
                "theirs",
                check(address, &Authority::new("theirs")),
                "UnknownIssuer",
            ),
            ("of the system", of_system, "invalid peer certificate"),
            ("other host", by_address, "not valid for name"),
            ("without TLS", plain, "the server closed the connection"),
        ];
        for (name, check, reason) in cases {
            assert_down(name, &ask(&check).await, reason);
        }
        let plain = Server::start();
        let health = ask(&check(plain.address(), &authority)).await;
        assert_down("port without TLS", &health, "is it a port without TLS?");
    });
}

#[test]
fn a_certificate_of_ours_is_shown() {
    alone(async {
        let authority = Authority::new("both");
        let identity = authority.sign(&["localhost"]);
        let server = Server::start_mutual_tls(&identity, authority.pem());
        let check = check(server.address(), &authority);
        let health = ask(&check).await;
        let reason = "it asks for a client certificate, and none is set";
        assert_down("none shown", &health, reason);

        let client = authority.sign(&["client"]);
        let tls = Tls::new().ca(authority.pem()).unwrap();
        let tls = tls.identity(&client.certificate, &client.key).unwrap();
        assert_up("shown", &ask(&check.tls(tls)).await);
    });
}

#[test]
fn tls_without_grpc_is_told() {
    alone(async {
        let authority = Authority::new("quiet");
        let server = TlsServer::start(&authority.sign(&["localhost"]), TlsVersion::V1_3);
        let health = ask(&check(server.address(), &authority)).await;
        assert_down("quiet", &health, "no answer within");
    });
}
