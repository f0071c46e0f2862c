//! PostgreSQL, MariaDB and MongoDB.

use check_testing::{
    Authority, Folder, Relay, Restart, free_port,
    servers::{mariadb::MariaDb, postgres::Postgres},
};

use crate::{
    asked::{Application, ENCODED_PASSWORD, PASSWORD, USER},
    mongodb_server::Server as MongoDb,
};

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_followed() {
    let mut server = Postgres::start(&[]);
    server.query(&format!("CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'"));
    let (address, gone) = (server.address(), free_port());
    let application = Application::of(&[
        (
            "POSTGRESQL_DB_CONNECT_STRING",
            format!(
                "postgresql://{USER}:{PASSWORD}@{address}/{}",
                Postgres::USER
            ),
        ),
        (
            "ENCODED_POSTGRESQL_DB_CONNECT_STRING",
            format!(
                "postgres://{USER}:{ENCODED_PASSWORD}@{address}/{}?sslmode=prefer&connect_timeout=5",
                Postgres::USER
            ),
        ),
        (
            "HA_POSTGRESQL_DB_CONNECT_STRING",
            format!(
                "postgresql://{USER}:{PASSWORD}@127.0.0.1:{gone},{address}/{}",
                Postgres::USER
            ),
        ),
    ]);
    let names = ["postgresql", "postgresql_encoded", "postgresql_ha"];
    application.assert_up(&names).await;
    let several = application.health("postgresql_ha").await;
    let gone = format!("127.0.0.1:{gone}");
    assert_eq!(several["components"][&gone]["status"], "DOWN", "{several}");
    let told = &several["components"][address.to_string()];
    assert_eq!(told["details"]["role"], "primary", "{several}");
    assert_eq!(several["details"]["hostsNotUp"][0], *gone, "{several}");
    application.assert_follows(&names, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_says_what_is_wrong() {
    let server = Postgres::start(&[]);
    let address = server.address();
    let application = Application::of(&[
        (
            "POSTGRESQL_DB_CONNECT_STRING",
            format!("postgresql://{}:wr0ng-s3cret@{address}/x", Postgres::USER),
        ),
        (
            "TLS_POSTGRESQL_DB_CONNECT_STRING",
            format!(
                "postgresql://{}:{}@{address}/{}?sslmode=require",
                Postgres::USER,
                Postgres::PASSWORD,
                Postgres::USER
            ),
        ),
        (
            "MODE_POSTGRESQL_DB_CONNECT_STRING",
            format!("postgresql://{USER}:s3cret@{address}/x?sslmode=s3cret"),
        ),
    ]);
    for (name, reason) in [
        ("postgresql", "authentication failed"),
        ("postgresql_tls", "TLS"),
        ("postgresql_mode", "parameter `sslmode`"),
    ] {
        let health = application.assert_down_because(name, reason).await;
        assert!(!health.to_string().contains("s3cret"), "{name}: {health}");
    }
}

/// Parameters of TLS hold: whom to trust, and that the host is the one that was meant.
#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_tls_are_honoured() {
    let authority = Authority::new("databases");
    let identity = authority.sign(&["127.0.0.1"]);
    let (postgres, mariadb) = (
        Postgres::start_tls(&identity),
        MariaDb::start_tls(&identity),
    );
    let folder = Folder::new("authorities");
    let ours = folder.write("ours.pem", authority.pem());
    let other = folder.write("other.pem", Authority::new("other").pem());
    let postgresql = |query: String| {
        let (user, password) = (Postgres::USER, Postgres::PASSWORD);
        format!(
            "postgresql://{user}:{password}@{}/{user}?{query}",
            postgres.address()
        )
    };
    let mysql = |query: String| {
        let (user, password) = (MariaDb::USER, MariaDb::PASSWORD);
        format!(
            "mysql://{user}:{password}@{}/{user}?{query}",
            mariadb.address()
        )
    };
    let application = Application::of(&[
        (
            "POSTGRESQL_DB_CONNECT_STRING",
            postgresql(format!("sslmode=verify-full&sslrootcert={ours}")),
        ),
        (
            "OTHER_POSTGRESQL_DB_CONNECT_STRING",
            postgresql(format!("sslmode=verify-full&sslrootcert={other}")),
        ),
        (
            "NO_POSTGRESQL_DB_CONNECT_STRING",
            postgresql("sslmode=disable".to_owned()),
        ),
        (
            "MYSQL_DB_CONNECT_STRING",
            mysql(format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={ours}")),
        ),
        (
            "OTHER_MYSQL_DB_CONNECT_STRING",
            mysql(format!("ssl-mode=VERIFY_IDENTITY&ssl-ca={other}")),
        ),
        (
            "NO_MYSQL_DB_CONNECT_STRING",
            mysql("ssl-mode=disabled".to_owned()),
        ),
    ]);
    application.assert_up(&["postgresql", "mysql"]).await;
    let names = [
        "postgresql_other",
        "postgresql_no",
        "mysql_other",
        "mysql_no",
    ];
    application.assert_down_now(&names).await;
}

/// A pool of its own is kept: no connection for each question.
#[tokio::test(flavor = "multi_thread")]
async fn one_connection_is_kept() {
    let server = Postgres::start(&[]);
    let relay = Relay::to(server.address());
    let application = Application::of(&[(
        "POSTGRESQL_DB_CONNECT_STRING",
        format!(
            "postgresql://{}:{}@{}/{}",
            Postgres::USER,
            Postgres::PASSWORD,
            relay.address(),
            Postgres::USER
        ),
    )]);
    application.assert_up(&["postgresql"]).await;
    let before = relay.accepted();
    for _ in 0..50 {
        application.assert_up(&["postgresql"]).await;
    }
    assert_eq!(relay.accepted(), before);
    assert_eq!(relay.open(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mysql_is_followed() {
    let mut server = MariaDb::start(&[]);
    server.query(&format!(
        "CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON {}.* TO {USER}@'%'",
        MariaDb::USER
    ));
    let (address, gone) = (server.address(), free_port());
    let application = Application::of(&[
        (
            "MYSQL_DB_CONNECT_STRING",
            format!("mysql://{USER}:{PASSWORD}@{address}/{}", MariaDb::USER),
        ),
        (
            "ENCODED_MYSQL_DB_CONNECT_STRING",
            format!(
                "mysql://{USER}:{ENCODED_PASSWORD}@{address}/{}?ssl-mode=DISABLED",
                MariaDb::USER
            ),
        ),
        (
            "HA_MYSQL_DB_CONNECT_STRING",
            format!(
                "mysql://{USER}:{PASSWORD}@127.0.0.1:{gone},{address}/{}",
                MariaDb::USER
            ),
        ),
    ]);
    let names = ["mysql", "mysql_encoded", "mysql_ha"];
    application.assert_follows(&names, &mut server).await;
    let health = application.health("mysql").await;
    assert_eq!(health["details"]["database"], "MariaDB", "{health}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mongodb_is_followed() {
    let mut server = MongoDb::start();
    server.change(|answers| answers.login = Some((USER, PASSWORD)));
    let address = server.address();
    let options = "authMechanism=PLAIN&authSource=%24external";
    let application = Application::of(&[
        (
            "MONGODB_DB_CONNECT_STRING",
            format!("mongodb://{USER}:{PASSWORD}@{address}/orders?{options}"),
        ),
        (
            "ENCODED_MONGODB_DB_CONNECT_STRING",
            format!("mongodb://{USER}:{ENCODED_PASSWORD}@{address}/?{options}"),
        ),
        (
            "WRONG_MONGODB_DB_CONNECT_STRING",
            format!("mongodb://{USER}:wr0ng@{address}/?{options}"),
        ),
    ]);
    let names = ["mongodb", "mongodb_encoded"];
    application.assert_up(&names).await;
    application.assert_down_now(&["mongodb_wrong"]).await;
    Restart::kill(&mut server);
    application.assert_down_now(&names).await;
    Restart::start(&mut server);
    application.assert_up(&names).await;
}
