//! Why a program does not start.

use std::os::unix::fs::{PermissionsExt, symlink};

use check_testing::Folder;

use super::*;

#[test]
fn each_reason_is_told_apart() {
    let folder = Folder::new("command");
    let executable = |name: &str, content: &str| {
        let path = folder.write(name, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let plain = folder.write("plain", "#!/bin/sh\n");
    let no_interpreter = executable("no-interpreter", "#!/no/such/shell\n");
    let text = executable("text", "exit 0\n");
    let missing = folder.file("missing");
    let dangling = folder.file("dangling");
    symlink("/nowhere", &dangling).unwrap();
    let path = folder.path().to_str().unwrap();
    let cases = [
        (Command::new(&missing), format!("no program `{missing}`")),
        (Command::new(&dangling), format!("no program `{dangling}`")),
        (
            Command::new("no-such-program"),
            "no program `no-such-program` in any folder of PATH".to_owned(),
        ),
        (Command::new(path), format!("`{path}` is no file")),
        (
            Command::new(&plain),
            format!("`{plain}` is not executable: nobody has the permission `x`"),
        ),
        (
            Command::new(&no_interpreter),
            format!("the interpreter of `{no_interpreter}` is not there"),
        ),
        (
            Command::new(&text),
            format!("`{text}` is neither a program for this machine nor begins with `#!`"),
        ),
        (
            Command::new(&text).inherit_env("PATH"),
            format!("`{text}` is neither a program for this machine nor begins with `#!`"),
        ),
        (
            Command::new("true").current_dir(&missing),
            format!("no working folder `{missing}`"),
        ),
        (
            Command::new(""),
            "no program `` in any folder of PATH".to_owned(),
        ),
    ];
    alone(async {
        for (check, error) in cases {
            let answer = ask(check).await;
            assert_eq!(answer["status"], "DOWN", "{error}");
            assert_eq!(details(&answer), serde_json::json!({"error": error}));
        }
        let answer = ask(Command::new("echo").arg("a\0b")).await;
        let error = answer["details"]["error"].as_str().unwrap();
        assert!(error.contains("nul byte"), "{error}");
    });
}

#[test]
fn arguments_are_no_shell_s() {
    let arguments = ["$HOME", "*", "`id`", "a b", "; exit 3", "'", ""];
    let printed = arguments.map(|argument| format!("<{argument}>\n")).concat();
    alone(async {
        let check = Command::new("printf").arg("<%s>\\n").args(arguments);
        assert_eq!(ask(check).await["details"]["output"], printed.trim_end());
    });
}

#[test]
fn there_is_no_input_and_the_folder_is_as_said() {
    let folder = Folder::new("command");
    alone(async {
        let answer = ask(Command::new("cat")).await;
        assert_eq!(answer["status"], "UP", "{answer}");
        let answer = ask(Command::new("readlink").arg("/proc/self/fd/0")).await;
        assert_eq!(answer["details"]["output"], "/dev/null");
        let path = folder.path().canonicalize().unwrap();
        let answer = ask(Command::new("pwd").current_dir(&path)).await;
        assert_eq!(answer["details"]["output"], path.to_str().unwrap());
    });
}
