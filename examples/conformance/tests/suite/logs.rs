//! The access log with `no_log`: successful probes leave nothing, all else is as without it.

use std::thread;

use crate::{
    http,
    server::{Server, wait_until, with_each_framework},
};

/// How often each request is sent, by as many clients at once.
const CLIENTS: usize = 4;
const ROUNDS: usize = 5;

/// Path, and whether it is a successful probe.
const REQUESTS: [(&str, bool); 12] = [
    ("/z/health/liveness", true),
    ("/z/health/up", true),
    ("/livez", true),
    ("/z/version", true),
    ("/z/info", true),
    ("/healthz/live", true),
    ("/z/health/down", false),
    ("/healthz/ready", false),
    ("/z/health/none", false),
    ("/", false),
    ("/zebra", false),
    ("/livezz", false),
];

fn fixture(has_no_log: bool) -> String {
    format!(
        r#"{{
            "no_log": {has_no_log}, "add_probe_paths": true,
            "checks": {{"up": {{}}, "down": {{"status": "DOWN"}}}},
            "healthz": {{"live": {{}}, "ready": {{"error": "no"}}}}
        }}"#
    )
}

/// Sends everything and returns how often each request stands in the log.
fn lines_of_each(framework: &str, has_no_log: bool) -> Vec<(String, bool, usize)> {
    let server = Server::start(framework, &fixture(has_no_log));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let server = &server;
            scope.spawn(move || send_all(server, client));
        }
    });
    // The last line of the log is that of the last request.
    let last = "/?the-last-one";
    http::get(server.address, last);
    wait_until("the log is written", || server.log().contains(last));
    let log = server.log();
    each_request()
        .map(|(path, is_silent)| {
            let lines = log.matches(&path).count();
            (path, is_silent, lines)
        })
        .collect()
}

fn send_all(server: &Server, client: usize) {
    for (path, _) in each_request().filter(|(path, _)| path.contains(&format!("?client-{client}-")))
    {
        http::get(server.address, &path);
    }
}

fn each_request() -> impl Iterator<Item = (String, bool)> {
    (0..CLIENTS).flat_map(|client| {
        (0..ROUNDS).flat_map(move |round| {
            REQUESTS.iter().map(move |(path, is_silent)| {
                (
                    format!("{path}?client-{client}-round-{round}-end"),
                    *is_silent,
                )
            })
        })
    })
}

#[test]
fn successful_probes_leave_nothing_and_all_else_is_as_ever() {
    with_each_framework(|framework| {
        let with = lines_of_each(framework, true);
        let without = lines_of_each(framework, false);
        for ((path, is_silent, with), (_, _, without)) in with.iter().zip(&without) {
            assert!(
                *without >= 1,
                "{framework}: {path} is logged without the filter"
            );
            let expected = if *is_silent { 0 } else { *without };
            assert_eq!(*with, expected, "{framework}: {path}");
        }
    });
}

/// Rocket names a request in other lines, too.
#[test]
fn a_page_is_logged_once_with_and_without_the_filter() {
    with_each_framework(|framework| {
        for has_no_log in [true, false] {
            let lines = lines_of_each(framework, has_no_log);
            for (path, _, lines) in lines.iter().filter(|(path, ..)| path.starts_with("/?")) {
                assert_eq!(*lines, 1, "{framework}: {path}");
            }
        }
    });
}
