//! What exit codes, signals and outputs mean.

use std::net::TcpListener;

use health_core::Status;
use serde_json::json;

use super::*;

const PLUGINS: &str = "/usr/lib/nagios/plugins";

#[test]
fn an_end_means_what_the_convention_says() {
    let cases = [
        ("success", sh("exit 0"), "UP", json!({"exitCode": 0})),
        (
            "failure",
            sh("echo out; echo bad >&2; exit 1"),
            "DOWN",
            json!({"exitCode": 1, "output": "out", "stderr": "bad", "error": "exit code 1"}),
        ),
        (
            "what is said on the side of success",
            sh("echo out; echo note >&2"),
            "UP",
            json!({"exitCode": 0, "output": "out"}),
        ),
        (
            "another meaning",
            sh("exit 7").exit_code(7, Status::OUT_OF_SERVICE),
            "OUT_OF_SERVICE",
            json!({"exitCode": 7, "error": "exit code 7"}),
        ),
        (
            "success has another meaning",
            sh("exit 0").exit_code(0, Status::DOWN),
            "DOWN",
            json!({"exitCode": 0, "error": "exit code 0"}),
        ),
        (
            "killed",
            sh("kill -s KILL $$"),
            "DOWN",
            json!({"error": "killed by signal 9 (SIGKILL)"}),
        ),
        (
            "killed, whatever the code means",
            sh("kill -s TERM $$").exit_code(143, Status::UP),
            "DOWN",
            json!({"error": "killed by signal 15 (SIGTERM)"}),
        ),
        (
            "a signal without a name of ours",
            sh("kill -s USR1 $$"),
            "DOWN",
            json!({"error": "killed by signal 10"}),
        ),
        (
            "nagios, a code beyond",
            sh("exit 4").nagios(),
            "DOWN",
            json!({"exitCode": 4, "error": "exit code 4"}),
        ),
        (
            "nagios, long output",
            sh("printf 'DISK OK | /=5MB;1;2\\nmore | /boot=1%%\\n'").nagios(),
            "UP",
            json!({
                "exitCode": 0,
                "state": "OK",
                "output": "DISK OK",
                "longOutput": "more",
                "perfdata": {
                    "/": {"value": 5.0, "unit": "MB", "warn": "1", "crit": "2"},
                    "/boot": {"value": 1.0, "unit": "%"},
                },
            }),
        ),
        (
            "no convention, bars and lines",
            sh("printf 'a | b=1\\nc\\n'"),
            "UP",
            json!({"exitCode": 0, "output": "a | b=1\nc"}),
        ),
    ];
    alone(async {
        for (name, check, status, expected) in cases {
            let answer = ask(check).await;
            assert_eq!(answer["status"], status, "{name}: {answer}");
            assert_eq!(details(&answer), expected, "{name}");
        }
    });
}

#[test]
fn the_plugins_of_nagios_are_understood() {
    let dummy = |code: &str| {
        Command::new(format!("{PLUGINS}/check_dummy"))
            .args([code, "so it is | n=1c;2;3"])
            .nagios()
    };
    let cases = [
        (dummy("0"), "UP", "OK", None),
        (dummy("1"), "UP", "WARNING", None),
        (
            dummy("1").exit_code(1, Status::OUT_OF_SERVICE),
            "OUT_OF_SERVICE",
            "WARNING",
            Some("exit code 1 (WARNING)"),
        ),
        (
            dummy("2"),
            "DOWN",
            "CRITICAL",
            Some("exit code 2 (CRITICAL)"),
        ),
        (
            dummy("3"),
            "UNKNOWN",
            "UNKNOWN",
            Some("exit code 3 (UNKNOWN)"),
        ),
    ];
    alone(async {
        for (check, status, state, error) in cases {
            let answer = ask(check).await;
            let details = &answer["details"];
            assert_eq!(answer["status"], status, "{answer}");
            assert_eq!(details["state"], state);
            assert_eq!(details["output"], format!("{state}: so it is"));
            assert_eq!(
                details["perfdata"]["n"],
                json!({"value": 1.0, "unit": "c", "warn": "2", "crit": "3"})
            );
            assert_eq!(details.get("error"), error.map(Value::from).as_ref());
        }

        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port().to_string();
        let tcp = || {
            Command::new(format!("{PLUGINS}/check_tcp"))
                .args(["-H", "127.0.0.1", "-p"])
                .arg(&port)
                .nagios()
        };
        let answer = ask(tcp()).await;
        assert_eq!(answer["status"], "UP", "{answer}");
        let time = &answer["details"]["perfdata"]["time"];
        assert!(
            time["value"].as_f64().unwrap() >= 0.0 && time["unit"] == "s",
            "{answer}"
        );
        drop(server);
        let answer = ask(tcp()).await;
        assert_eq!(answer["status"], "DOWN");
        assert!(
            answer["details"]["output"]
                .as_str()
                .unwrap()
                .contains("refused"),
            "{answer}"
        );
    });
}
