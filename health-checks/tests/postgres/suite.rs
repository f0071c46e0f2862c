//! The suite that every check passes.

use std::{net::SocketAddr, sync::Arc};

use check_testing::{Authority, Subject, Suite, servers::postgres::Postgres as Server};
use health_checks::{DeadpoolPostgres, Postgres};
use sqlx::{PgPool, postgres::PgSslMode};

use crate::{
    deadpool, deadpool_with, options, pool,
    sql::{DEADLINE, alone},
};

const WRONG: &str = "wr0ng-s3cret";

#[tokio::test(flavor = "multi_thread")]
async fn postgres_passes_the_suite() {
    let _alone = alone().await;
    let authority = Authority::new("ours");
    let tls = Server::start_tls(&authority.sign(&["127.0.0.1"]));
    let mut server = Server::start(&[]);
    let address = server.address();
    let with = |options| Postgres::new(PgPool::connect_lazy_with(options)).direct_connection();
    let check =
        async |address: SocketAddr| subject(Postgres::new(pool(address, 2)).direct_connection());
    Suite::new(address, check)
        .deadline(DEADLINE)
        .secret(Server::PASSWORD)
        .secret(WRONG)
        .down("wrong password", with(options(address).password(WRONG)))
        .down(
            "unknown authority",
            with(options(tls.address()).ssl_mode(PgSslMode::VerifyFull)),
        )
        .down("TLS is required", with(options(tls.address())))
        .down(
            "TLS is not spoken",
            with(options(address).ssl_mode(PgSslMode::Require)),
        )
        .restart(&mut server)
        .run()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_without_a_direct_connection_passes_the_suite() {
    let _alone = alone().await;
    let mut server = Server::start(&[]);
    let check =
        async |address: SocketAddr| subject(Postgres::new(pool(address, 2)).query("SELECT 1"));
    Suite::new(server.address(), check)
        .deadline(DEADLINE)
        .secret(Server::PASSWORD)
        .restart(&mut server)
        .run()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deadpool_postgres_passes_the_suite() {
    let _alone = alone().await;
    let authority = Authority::new("ours");
    let tls = Server::start_tls(&authority.sign(&["127.0.0.1"]));
    let mut server = Server::start(&[]);
    let address = server.address();
    let check = async |address: SocketAddr| {
        subject(DeadpoolPostgres::new(deadpool(address, 2)).direct_connection())
    };
    Suite::new(address, check)
        .deadline(DEADLINE)
        .secret(Server::PASSWORD)
        .secret(WRONG)
        .down(
            "wrong password",
            DeadpoolPostgres::new(deadpool_with(address, WRONG, 3)),
        )
        .down(
            "TLS is required",
            DeadpoolPostgres::new(deadpool(tls.address(), 3)),
        )
        .restart(&mut server)
        .run()
        .await;
}

fn subject(check: impl Subject) -> Arc<dyn Subject> {
    Arc::new(check)
}
