//! What a program gets of the environment, and that no secret is shown.

use health_core::Secret;
use serde_json::json;

use super::*;

#[test]
fn nothing_is_inherited_unless_asked_for() {
    alone(async {
        let answer = ask(Command::new("env")).await;
        assert_eq!(details(&answer), json!({"exitCode": 0}));

        let path = std::env::var("PATH").unwrap();
        let check = Command::new("env")
            .inherit_env("PATH")
            .inherit_env("NO_SUCH_VARIABLE")
            .env("LC_ALL", "C");
        let answer = ask(check).await;
        let mut lines: Vec<&str> = answer["details"]["output"]
            .as_str()
            .unwrap()
            .lines()
            .collect();
        lines.sort_unstable();
        assert_eq!(lines, ["LC_ALL=C", &format!("PATH={path}")]);
    });
}

#[test]
fn secrets_show_nowhere() {
    let secret = || Secret::new("s3cret-word".to_owned());
    let check = || {
        sh("echo \"out $TOKEN $1\"; echo \"err $TOKEN\" >&2; exit ${CODE:-0}")
            .arg("other-w0rd")
            .args(["other-w0rd"])
            .secret_env("TOKEN", secret())
            .redact(Secret::new("other-w0rd".to_owned()))
    };
    let shown = format!("{:?}", check());
    assert_eq!(shown, r#"Command { program: "sh", arguments: 4, .. }"#);
    let ends = [
        ("success", check(), json!("out ****** ******"), Value::Null),
        (
            "failure",
            check().env("CODE", "5"),
            json!("out ****** ******"),
            json!("err ******"),
        ),
        (
            "nagios",
            check().nagios(),
            json!("out ****** ******"),
            Value::Null,
        ),
        (
            "too long",
            check().output_limit_bytes(8),
            json!("out ****"),
            Value::Null,
        ),
    ];
    alone(async {
        for (name, check, output, stderr) in ends {
            let answer = ask(check).await;
            assert_eq!(answer["details"]["output"], output, "{name}: {answer}");
            assert_eq!(answer["details"]["stderr"], stderr, "{name}");
        }
        let check = sh("echo $TOKEN; echo $TOKEN >&2; sleep 600")
            .secret_env("TOKEN", secret())
            .time_limit(Duration::from_millis(500));
        let answer = ask(check).await;
        assert_eq!(answer["status"], "DOWN");
        assert!(!answer.to_string().contains("s3cret"), "{answer}");
    });
}
