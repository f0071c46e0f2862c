//! The suite that every check passes.

use std::{net::SocketAddr, sync::Arc};

use check_testing::{Authority, Subject, Suite, servers::mariadb::MariaDb as Server};
use health_checks::MySql;
use sqlx::{MySqlPool, mysql::MySqlSslMode};

use crate::{
    options, pool,
    sql::{DEADLINE, alone},
};

const WRONG: &str = "wr0ng-s3cret";

#[tokio::test(flavor = "multi_thread")]
async fn mysql_passes_the_suite() {
    let _alone = alone().await;
    let authority = Authority::new("ours");
    let tls = Server::start_tls(&authority.sign(&["127.0.0.1"]));
    let mut server = Server::start(&[]);
    let address = server.address();
    let with = |options| MySql::new(MySqlPool::connect_lazy_with(options)).direct_connection();
    let check = async |address: SocketAddr| -> Arc<dyn Subject> {
        let check: Arc<dyn Subject> = Arc::new(MySql::new(pool(address, 2)).direct_connection());
        check
    };
    Suite::new(address, check)
        .deadline(DEADLINE)
        .secret(Server::PASSWORD)
        .secret(WRONG)
        .down("wrong password", with(options(address).password(WRONG)))
        .down(
            "unknown authority",
            with(options(tls.address()).ssl_mode(MySqlSslMode::VerifyCa)),
        )
        .down("TLS is required", with(options(tls.address())))
        .down(
            "TLS is not spoken",
            with(options(address).ssl_mode(MySqlSslMode::Required)),
        )
        .restart(&mut server)
        .run()
        .await;
}
