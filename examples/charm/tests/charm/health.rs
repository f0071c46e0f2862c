//! What the environment names is checked, for as long as the program runs.

use std::net::{Ipv4Addr, TcpListener};

use check_testing::{
    Restart,
    servers::{postgres::Postgres, redis::Redis},
    wait_until,
};

use crate::{
    client::get,
    databases::{self, connect_string},
    program::{LIMIT, Web, errors, loopback, run},
    sockets::listening_ports,
};

#[test]
fn a_database_that_goes_and_comes_back_decides_on_readiness_and_never_on_liveness() {
    let mut server = Postgres::start(&[]);
    let web = Web::start(
        &connect_string(&server, Postgres::USER),
        &[("APP_HEALTH_DETAILS", "true")],
    );
    let port = web.address.port().to_string();
    let healthcheck = |what| web.service.healthcheck(what, &[("APP_PORT", &port)]);
    web.wait_for("/z/health/readiness", 200);
    let health = web.json("/z/health");
    assert_eq!(health["status"], "UP", "{health}");
    assert_eq!(health["components"]["postgresql"]["status"], "UP");
    assert_eq!(health["components"]["migration"]["status"], "UP");
    assert_eq!((healthcheck("liveness"), healthcheck("readiness")), (0, 0));

    server.kill();
    wait_for_readiness(&web, 503);
    assert_eq!(web.get("/z/health").code(), 503);
    assert_eq!((healthcheck("liveness"), healthcheck("readiness")), (0, 1));
    let down = web.get("/z/health/postgresql").body;
    assert!(down.contains("DOWN") && down.contains("refused"), "{down}");
    assert!(!down.contains(Postgres::PASSWORD), "{down}");
    assert_eq!(web.get("/orders").code(), 503);

    Restart::start(&mut server);
    wait_for_readiness(&web, 200);
    assert_eq!(web.get("/z/health").code(), 200);
    assert_eq!(web.get("/orders").code(), 200);
    assert!(!web.service.process.printed().contains(Postgres::PASSWORD));
}

/// Waits for a code of readiness; liveness is 200 whenever it is asked for meanwhile.
fn wait_for_readiness(web: &Web, code: u16) {
    wait_until(&format!("readiness is {code}"), LIMIT, || {
        assert_eq!(web.get("/z/health/liveness").code(), 200);
        web.get("/z/health/readiness").code() == code
    });
}

#[test]
fn what_is_optional_is_checked_and_takes_no_traffic_away() {
    let mut redis = Redis::start(&[]);
    let connect = format!("redis://{}", redis.address());
    let database = databases::empty("optional");
    let web = Web::start(&database, &[("REDIS_DB_CONNECT_STRING", &connect)]);
    web.wait_for("/z/health", 200);
    assert_eq!(web.json("/z/health")["components"]["redis"]["status"], "UP");
    redis.kill();
    web.wait_for("/z/health", 503);
    assert_eq!(
        web.json("/z/health")["components"]["redis"]["status"],
        "DOWN"
    );
    assert_eq!(web.get("/z/health/readiness").code(), 200);
    Restart::start(&mut redis);
    web.wait_for("/z/health", 200);
}

#[test]
fn without_a_database_there_is_no_start() {
    for service in ["web", "worker", "scheduler", "migrate"] {
        for (case, value) in [("missing", None), ("empty", Some(""))] {
            let variable = value.map(|value| ("POSTGRESQL_DB_CONNECT_STRING", value));
            let environment: Vec<_> = variable.into_iter().collect();
            let output = run(&[service], &environment);
            assert_eq!(output.status.code(), Some(1), "{service}, {case}");
            assert_eq!(
                errors(&output),
                "error: missing integrations: postgresql\n",
                "{service}, {case}"
            );
        }
    }
}

#[test]
fn a_database_that_cannot_be_read_is_named_and_not_shown() {
    for service in ["web", "worker", "scheduler", "migrate"] {
        let output = run(
            &[service],
            &[("POSTGRESQL_DB_CONNECT_STRING", "s3cret-and-no-url")],
        );
        assert_eq!(output.status.code(), Some(1), "{service}");
        let errors = errors(&output);
        assert!(errors.contains("POSTGRESQL_DB_CONNECT_STRING"), "{errors}");
        assert!(!errors.contains("s3cret"), "{errors}");
    }
}

#[test]
fn metrics_have_a_port_of_their_own_where_the_platform_wants_one() {
    let database = databases::empty("ports");
    let two = Web::start(&database, &[]);
    let ports = listening_ports(two.service.process.pid());
    let expected = [two.address.port(), two.metrics.port()];
    assert_eq!(ports, expected.into());
    let foreign = [("FLASK_METRICS_PORT", "1"), ("FLASK_BASE_URL", "http://a")];
    let more = [foreign, [("FLASK_SECRET_KEY", "k"), ("FLASK_PORT", "1")]].concat();
    let beside = Web::start(&database, &more);
    let ports = listening_ports(beside.service.process.pid());
    let expected = [beside.address.port(), beside.metrics.port()];
    assert_eq!(ports, expected.into(), "other frameworks' variables");
    assert!(get(two.metrics, "/metrics").body.contains("health_up"));

    let port = check_testing::free_port();
    let text = port.to_string();
    let same = [
        ("APP_PORT", text.as_str()),
        ("APP_METRICS_PORT", &text),
        ("APP_METRICS_PATH", "/numbers"),
    ];
    let one = crate::program::Service::start(
        "web",
        &[
            &[("POSTGRESQL_DB_CONNECT_STRING", database.as_str())],
            &same[..],
        ]
        .concat(),
    );
    one.wait_for_log("listening");
    assert_eq!(listening_ports(one.process.pid()), [port].into());
    assert!(get(loopback(port), "/numbers").body.contains("health_up"));
    assert_eq!(get(loopback(port), "/metrics").code(), 404);
}

#[test]
fn ports_and_paths_that_are_taken_are_named() {
    let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    let free = check_testing::free_port().to_string();
    let cases = [
        ("port", &taken, &free, "/metrics", "APP_PORT: "),
        (
            "port of metrics",
            &free,
            &taken,
            "/metrics",
            "APP_METRICS_PORT: ",
        ),
        (
            "path of metrics",
            &free,
            &free,
            "/orders",
            "APP_METRICS_PATH: ",
        ),
    ];
    for (case, port, metrics_port, path, reason) in cases {
        let environment = [
            ("POSTGRESQL_DB_CONNECT_STRING", "postgresql://u:p@h/d"),
            ("APP_PORT", port.as_str()),
            ("APP_METRICS_PORT", metrics_port.as_str()),
            ("APP_METRICS_PATH", path),
        ];
        let output = run(&["web"], &environment);
        assert_eq!(output.status.code(), Some(1), "{case}");
        let errors = errors(&output);
        assert!(
            errors.starts_with(&format!("error: {reason}")),
            "{case}: {errors}"
        );
    }
}

#[test]
fn details_are_shown_by_choice_only() {
    let database = databases::empty("hidden");
    let web = Web::start(&database, &[]);
    web.wait_for("/z/health", 200);
    assert!(web.json("/z/health/postgresql").get("details").is_none());
}

#[test]
fn a_signal_ends_it_well() {
    let database = databases::empty("ends");
    let web = Web::start(&database, &[]);
    web.wait_for("/z/health/readiness", 200);
    web.service.end();
    wait_until("the port is free", LIMIT, || {
        std::net::TcpStream::connect(web.address).is_err()
    });
}
