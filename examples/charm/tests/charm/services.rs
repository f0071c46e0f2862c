//! The services that listen on nothing.

use std::net::TcpListener;

use check_testing::{free_port, wait_until};
use serde_json::Value;

use crate::{
    databases,
    program::{LIMIT, Service, Web, loopback, run},
    sockets::listening_ports,
};

/// Starts a service beside one that has its ports, as a platform does.
fn start<'a>(name: &str, database: &'a str, more: &[(&'a str, &'a str)]) -> (Service, TcpListener) {
    let web = TcpListener::bind(loopback(free_port())).unwrap();
    let port = web.local_addr().unwrap().port().to_string();
    let environment = [
        ("POSTGRESQL_DB_CONNECT_STRING", database),
        ("APP_PORT", &port),
        ("APP_METRICS_PORT", &port),
    ];
    (Service::start(name, &[&environment, more].concat()), web)
}

fn wait_until_well(service: &Service, name: &str) {
    wait_until(&format!("{name} is well"), LIMIT, || {
        assert!(
            service.process.is_running(),
            "{}",
            service.process.printed()
        );
        service.healthcheck(name, &[]) == 0
    });
}

#[test]
fn a_worker_works_and_listens_on_nothing() {
    let database = databases::empty("worker");
    let web = Web::start(&database, &[]);
    web.wait_for("/z/health/readiness", 200);
    let (worker, _ports) = start("worker", &database, &[]);
    wait_until_well(&worker, "worker");
    assert!(listening_ports(worker.process.pid()).is_empty());
    worker.wait_for_log("finished an order");
    wait_until("all orders are done", LIMIT, || {
        let orders = web.json("/orders");
        orders
            .as_array()
            .unwrap()
            .iter()
            .all(|order| order["done"] == true)
    });
    assert!(listening_ports(worker.process.pid()).is_empty());
    let log = worker.log();
    let is_refusal = |line: &Value| line["message"] == "is OUT_OF_SERVICE";
    assert!(!log.iter().any(is_refusal), "not well at first: {log:?}");
    worker.end();
    assert_eq!(worker.healthcheck("worker", &[]), 1, "it has ended");
}

#[test]
fn a_scheduler_works_on_the_first_unit_and_listens_on_nothing() {
    let database = databases::empty("scheduler");
    let environment = [("POSTGRESQL_DB_CONNECT_STRING", &database)];
    assert_eq!(run(&["migrate"], &environment).status.code(), Some(0));
    for host in ["orders-0", "a-host-without-number"] {
        let (scheduler, _ports) = start("scheduler", &database, &[("HOSTNAME", host)]);
        scheduler.wait_for_log("took stock");
        wait_until_well(&scheduler, "scheduler");
        assert!(
            listening_ports(scheduler.process.pid()).is_empty(),
            "{host}"
        );
    }
}

#[test]
fn a_scheduler_idles_on_other_units() {
    let database = databases::empty("idle");
    let (scheduler, _ports) = start("scheduler", &database, &[("HOSTNAME", "app-1")]);
    scheduler.wait_for_log("this is not the scheduler's unit: idle");
    wait_until_well(&scheduler, "scheduler");
    assert!(listening_ports(scheduler.process.pid()).is_empty());
    scheduler.end();
    let messages = scheduler.process.printed();
    assert!(!messages.contains("took stock"), "{messages}");
}

#[test]
fn options_that_cannot_be_read_are_told_and_have_their_defaults() {
    let idle = ("HOSTNAME", "app-1");
    let wrong = [idle, ("APP_PAGE_SIZE", "0"), ("APP_LOG_LEVEL", "s3cret")];
    let (scheduler, _ports) = start("scheduler", "postgresql://h/d", &wrong);
    scheduler.wait_for_log("this is not the scheduler's unit: idle");
    let log = scheduler.log();
    let told = log.iter().filter_map(|line| line["problem"].as_str());
    let reason = "it is none of the values that it can have";
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["APP_PAGE_SIZE", "APP_LOG_LEVEL"].map(|name| format!("{name}: {reason}"))
    );
    assert!(!scheduler.process.printed().contains("s3cret"));

    let quiet = [idle, ("APP_LOG_LEVEL", "error")];
    let (scheduler, _ports) = start("scheduler", "postgresql://h/d", &quiet);
    wait_until_well(&scheduler, "scheduler");
    scheduler.end();
    assert_eq!(scheduler.process.printed(), "");
    let loud = [quiet[0], quiet[1], ("RUST_LOG", "info")];
    let (scheduler, _ports) = start("scheduler", "postgresql://h/d", &loud);
    scheduler.wait_for_log("this is not the scheduler's unit: idle");
}

#[test]
fn what_is_not_known_is_refused_with_the_usage() {
    for arguments in [
        &["serve"][..],
        &["web", "more"],
        &["healthcheck"],
        &["healthcheck", "web"],
    ] {
        let output = run::<&str>(arguments, &[]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let errors = crate::program::errors(&output);
        assert!(errors.starts_with("usage: example-charm"), "{errors}");
    }
    for service in ["worker", "scheduler"] {
        let folder = check_testing::Folder::new("charm-no-heartbeat");
        let output = run(&["healthcheck", service], &[("TMPDIR", folder.path())]);
        assert_eq!(output.status.code(), Some(1), "{service} does not run");
    }
}
