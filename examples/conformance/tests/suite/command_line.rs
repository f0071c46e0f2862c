//! What the program says and how it ends, without any request.

use std::{net::TcpListener, process::Output};

use crate::server::{FRAMEWORKS, Server, command, with_each_framework};

fn run(framework: &str, fixture: &str, more: &[&str]) -> Output {
    command(framework, fixture).args(more).output().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8(bytes.to_vec())
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_problem_of_a_fixture_is_told_on_a_line_of_its_own() {
    let fixture = r#"{
        "name": "",
        "checks": {"ping": {}, "a/b": {}, "two": {"status": "UP", "hang": true}},
        "dependencies": {"users": "ftp://users"},
        "groups": {"two": {}, "g": {"include": ["none"], "additional_path": "/healthz"}},
        "custom_statuses": {"FATAL": {"severity": "DOWN", "http": 500}, "ODD": {"severity": "above:DOWN", "http": 99}},
        "deadline_ms": 0
    }"#;
    let expected = [
        "application: the name is empty",
        "component `ping`: the name is used twice",
        "component `a/b`: the name holds a `/`",
        "checks `two`: only one of `status`, `hang` can hold",
        "dependencies `users`: ",
        "group `two`: a component has the same name",
        "group `g`: there is no component `none`",
        "group `g`: additional path `/healthz`: ",
        "custom_statuses `FATAL`: the severity `DOWN` is neither",
        "custom_statuses `ODD`: 99 is no HTTP code",
        "the deadline must be longer than zero",
    ];
    with_each_framework(|framework| {
        let output = run(framework, fixture, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let problems = lines(&output.stderr);
        for expected in expected {
            assert!(
                problems.iter().any(|line| line.contains(expected)),
                "{expected}: {problems:#?}"
            );
        }
        assert_eq!(problems.len(), expected.len(), "{problems:#?}");
    });
}

#[test]
fn unknown_keys_are_problems() {
    let fixture = r#"{"chekcs": {}, "checks": {"db": {"statsu": "UP"}}, "users": {"a": {}}}"#;
    let output = run("core", fixture, &[]);
    assert_eq!(output.status.code(), Some(2));
    let problems = lines(&output.stderr);
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn mistakes_of_the_command_line_end_with_2() {
    let cases = [
        (
            "framework",
            run("warp", "{}", &[]),
            "unknown framework `warp`",
        ),
        (
            "address",
            run("core", "{}", &["--listen", "nowhere"]),
            "--listen `nowhere`",
        ),
        (
            "argument",
            run("core", "{}", &["--verbose"]),
            "unknown argument `--verbose`",
        ),
        (
            "fixture",
            run("core", "{}", &["--fixture", "/no/such/file"]),
            "/no/such/file",
        ),
        ("no object", run("core", "[]", &[]), "invalid type"),
    ];
    for (name, output, expected) in cases {
        assert_eq!(output.status.code(), Some(2), "{name}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(expected), "{name}: {stderr}");
    }
}

#[test]
fn an_address_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for framework in FRAMEWORKS {
        let output = run(framework, "{}", &["--listen", &address]);
        assert_eq!(output.status.code(), Some(1), "{framework}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains(&address), "{framework}: {stderr}");
    }
}

#[test]
fn both_addresses_are_told_and_differ() {
    with_each_framework(|framework| {
        let server = Server::start_with_management(framework, "{}");
        assert_ne!(server.management, Some(server.address));
        assert_ne!(server.address.port(), 0);
    });
}

#[test]
fn help_is_no_failure() {
    let output = run("core", "{}", &["--help"]);
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .starts_with("usage: conformance")
    );
}
