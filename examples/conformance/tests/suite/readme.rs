//! The session that the README shows, with the output that it shows.

use std::{fs, path::Path, process::Command};

use crate::server::{FRAMEWORKS, Server};

/// Where the README's application listens.
const ADDRESS: &str = "127.0.0.1:8080";

fn block<'a>(readme: &'a str, language: &str) -> &'a str {
    let (_, rest) = readme.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_session_is_true() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for framework in FRAMEWORKS {
        let server = Server::start(framework, block(&readme, "json"));
        let mut commands = 0;
        for step in block(&readme, "console").split("$ ").skip(1) {
            let (command, expected) = step.split_once('\n').unwrap();
            let command = command.replace(ADDRESS, &server.address.to_string());
            let output = Command::new("sh").args(["-c", &command]).output().unwrap();
            let output = String::from_utf8(output.stdout).unwrap();
            assert_eq!(
                output.trim_end(),
                expected.trim_end(),
                "{framework}: {command}"
            );
            commands += 1;
        }
        assert_eq!(commands, 6);
    }
}
