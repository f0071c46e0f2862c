//! Limits of time, output and memory.

use health_checks::DEFAULT_OUTPUT_LIMIT_BYTES;
use serde_json::json;

use super::*;

const SHORTLY: Duration = Duration::from_millis(400);

#[test]
fn what_takes_too_long_is_killed_and_says_what_it_printed() {
    let cases = [
        ("sleeps", sh("echo begun; sleep 600"), "begun"),
        (
            "ignores the signal to end",
            sh("trap '' TERM INT HUP; echo begun; while :; do sleep 0.02; done"),
            "begun",
        ),
        ("is stopped", sh("echo begun; kill -s STOP $$"), "begun"),
        ("is silent", Command::new("sleep").arg("600"), ""),
    ];
    alone(async {
        for (name, check, printed) in cases {
            let answer = ask(check.time_limit(SHORTLY)).await;
            assert_eq!(answer["status"], "DOWN", "{name}");
            let details = &answer["details"];
            assert_eq!(details["error"], "no end within 400 ms: killed", "{name}");
            assert_eq!(
                details["output"].as_str().unwrap_or_default(),
                printed,
                "{name}"
            );
        }
        wait_until_nothing_is_left();
    });
}

#[test]
fn outside_of_an_engine_time_is_limited_too() {
    alone(async {
        let health = Check::check(&Command::new("sleep").arg("600"))
            .await
            .unwrap();
        let error = health
            .details()
            .get("error")
            .and_then(Value::as_str)
            .unwrap();
        assert!(error.ends_with("ms: killed"), "{error}");
    });
}

#[test]
fn a_flood_is_cut_and_told() {
    alone(async {
        let answer = ask(Command::new("yes").time_limit(SHORTLY)).await;
        assert_eq!(answer["status"], "DOWN");
        assert_eq!(answer["details"]["truncated"], true);
        let output = answer["details"]["output"].as_str().unwrap();
        assert_eq!(
            output.len(),
            DEFAULT_OUTPUT_LIMIT_BYTES - 1,
            "without the last line feed"
        );

        for (name, script) in [
            ("stdout", "printf 123456"),
            ("stderr", "printf 123456 >&2; exit 1"),
        ] {
            let answer = ask(sh(script).output_limit_bytes(5)).await;
            let details = &answer["details"];
            let printed = if name == "stdout" {
                &details["output"]
            } else {
                &details["stderr"]
            };
            assert_eq!(
                (printed, &details["truncated"]),
                (&json!("12345"), &json!(true)),
                "{name}"
            );
            let answer = ask(sh(script).output_limit_bytes(6)).await;
            assert_eq!(answer["details"]["truncated"], Value::Null, "{name}");
        }

        let flood = "head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2; echo";
        let answer = ask(sh(flood).output_limit_bytes(10)).await;
        assert_eq!(
            answer["status"], "UP",
            "both outputs are read to their ends"
        );
    });
}

#[test]
fn memory_beyond_the_limit_is_refused() {
    let hog = |bytes: u64| {
        Command::new("python3").args(["-c", &format!("x = bytearray({bytes}); print(len(x))")])
    };
    const MIB: u64 = 1024 * 1024;
    alone(async {
        for check in [hog(600 * MIB), hog(300 * MIB).memory_limit_bytes(200 * MIB)] {
            let answer = ask(check).await;
            assert_eq!(answer["status"], "DOWN");
            let stderr = answer["details"]["stderr"].as_str().unwrap_or_default();
            assert!(stderr.contains("MemoryError"), "{answer}");
        }
        for check in [hog(300 * MIB), hog(600 * MIB).memory_limit_bytes(None)] {
            let answer = ask(check).await;
            assert_eq!(answer["status"], "UP", "{answer}");
        }
        let forks = "head -c 400000000 /dev/zero | tail > /dev/null; exit ${PIPESTATUS[1]}";
        let check = Command::new("bash").args(["-c", forks]).inherit_env("PATH");
        let answer = ask(check.memory_limit_bytes(100 * MIB)).await;
        assert_eq!(
            answer["status"], "DOWN",
            "children are limited too: {answer}"
        );
    });
}
