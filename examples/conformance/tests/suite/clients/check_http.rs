//! `check_http` of the monitoring plugins, as Nagios and Icinga run it.

use std::process::Command;

use super::{control, program};
use crate::server::{Server, with_each_framework};

/// What the exit codes of a plugin mean.
const OK: i32 = 0;
const CRITICAL: i32 = 2;

fn check(server: &Server, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(program("check_http"))
        .args([
            "-H",
            &server.address.ip().to_string(),
            "-p",
            &server.address.port().to_string(),
        ])
        .args(["-t", "5"])
        .args(arguments)
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn the_plugin_reads_code_and_body() {
    with_each_framework(|framework| {
        let server = Server::start(framework, r#"{"checks": {"db": {}}}"#);
        let up = [
            &["-u", "/z/health"][..],
            &["-u", "/z/health/db", "-e", "HTTP/1.1 200"],
            &["-u", "/z/health/db", "-s", r#""status":"UP""#],
            &["-u", "/z/health/db", "-j", "HEAD"],
        ];
        for arguments in up {
            let (code, text) = check(&server, arguments);
            assert_eq!(code, OK, "{arguments:?}: {text}");
            assert!(text.starts_with("HTTP OK: "), "{text}");
        }
        control(server.address, "checks/db", r#"{"status": "DOWN"}"#);
        for arguments in up {
            let (code, text) = check(&server, arguments);
            assert_eq!(code, CRITICAL, "{arguments:?}: {text}");
            assert!(text.contains("503"), "{text}");
        }
        assert_eq!(check(&server, &["-u", "/z/health/liveness"]).0, OK);
    });
}
