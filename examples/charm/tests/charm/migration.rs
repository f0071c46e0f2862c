//! The database is migrated before anybody is served, once.

use std::net::TcpListener;

use check_testing::{free_port, servers::postgres::Postgres};

use crate::{
    databases::{self, SERVER, connect_string},
    program::{Web, command, errors, loopback, run},
};

#[test]
fn many_at_once_apply_it_once() {
    let database = databases::empty("at_once");
    let environment = [("POSTGRESQL_DB_CONNECT_STRING", database.as_str())];
    let units: [_; 5] = std::array::from_fn(|_| command(&["migrate"], &environment).spawn());
    for unit in units {
        assert_eq!(unit.unwrap().wait().unwrap().code(), Some(0));
    }
    assert_eq!(
        run(&["migrate"], &environment).status.code(),
        Some(0),
        "again"
    );
    let web = Web::start(&database, &[]);
    web.wait_for("/z/health/readiness", 200);
    let orders = web.json("/orders");
    assert_eq!(orders.as_array().unwrap().len(), 2, "{orders}");
    assert_eq!(orders[0]["item"], "hello lamp");
}

#[test]
fn it_listens_on_nothing() {
    let taken = TcpListener::bind(loopback(free_port())).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let database = databases::empty("ports_taken");
    let environment = [
        ("POSTGRESQL_DB_CONNECT_STRING", database.as_str()),
        ("APP_PORT", &port),
        ("APP_METRICS_PORT", &port),
    ];
    let output = run(&["migrate"], &environment);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let output = run(&["web"], &environment);
    assert_eq!(output.status.code(), Some(1), "the port is taken");
    assert!(errors(&output).contains("in use"), "{}", errors(&output));
}

#[test]
fn a_server_that_is_away_is_a_failure_that_says_so() {
    let away = format!("postgresql://u:s3cret@127.0.0.1:{}/orders", free_port());
    let output = run(&["migrate"], &[("POSTGRESQL_DB_CONNECT_STRING", &away)]);
    assert_eq!(output.status.code(), Some(1));
    let errors = errors(&output);
    assert!(
        errors.starts_with("error: the migration failed: "),
        "{errors}"
    );
    assert!(errors.contains("refused"), "{errors}");
    assert!(!errors.contains("s3cret"), "{errors}");
}

#[test]
fn a_failure_holds_readiness_and_heals() {
    let database = connect_string(&SERVER, Postgres::USER);
    SERVER.query("CREATE VIEW orders AS SELECT 1");
    let output = run(&["migrate"], &[("POSTGRESQL_DB_CONNECT_STRING", &database)]);
    assert_eq!(output.status.code(), Some(1));
    let reason = "relation \"orders\" already exists";
    assert!(errors(&output).contains(reason), "{}", errors(&output));

    let web = Web::start(&database, &[("APP_HEALTH_DETAILS", "true")]);
    web.service.wait_for_log("the migration failed");
    let migration = web.json("/z/health/migration");
    assert_eq!(migration["status"], "DOWN", "{migration}");
    let error = migration["details"]["error"].as_str().unwrap();
    assert!(error.contains(reason), "{error}");
    assert_eq!(web.json("/z/health/postgresql")["status"], "UP");
    assert_eq!(web.get("/z/health/readiness").code(), 503);
    assert_eq!(web.get("/z/health/liveness").code(), 200);

    // Many connections in the pool: the next attempt hardly ever gets the one of the last.
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| web.get("/orders"));
        }
    });
    SERVER.query("DROP VIEW orders");
    web.wait_for("/z/health/readiness", 200);
    assert_eq!(web.get("/orders").code(), 200);
}
