//! What the page of the example shows is what the program answers.

use std::fs;

use check_testing::{Restart, servers::postgres::Postgres};
use serde_json::Value;

use crate::{
    client::get,
    databases::connect_string,
    program::{Web, errors, run},
    yaml::path,
};

/// From where on the database of the page is stopped.
const STOPPED: &str = "### When the database goes";

/// A command on the page with the lines below it.
struct Step {
    command: String,
    output: String,
    is_stopped: bool,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut is_console, mut is_stopped) = (false, false);
    for line in page.lines() {
        is_stopped |= line == STOPPED;
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if let (true, Some(command)) = (is_console, line.strip_prefix("$ ")) {
            steps.push(Step {
                command: command.to_owned(),
                output: String::new(),
                is_stopped,
            });
        } else if is_console {
            let step = steps.last_mut().unwrap();
            step.output += &format!("{line}\n");
        }
    }
    steps
}

/// Returns the variables that the reader sets.
fn variables(page: &str) -> Vec<(&str, &str)> {
    let exports = page.lines().filter_map(|line| line.strip_prefix("export "));
    exports.map(|line| line.split_once('=').unwrap()).collect()
}

/// Does what the reader does, with the program on other ports.
fn came(command: &str, web: &Web, variables: &[(&str, &str)]) -> String {
    if let Some(url) = command.strip_prefix("curl http://127.0.0.1:") {
        let (url, start) = url.split_once(" | grep '^").unwrap_or((url, ""));
        let (port, page) = url.split_once('/').unwrap();
        let address = match port {
            "8080" => web.address,
            "9100" => web.metrics,
            other => panic!("port {other} of {command}"),
        };
        let body = get(address, &format!("/{page}")).body;
        let lines = body.lines();
        let lines = lines.filter(|line| line.starts_with(start.trim_end_matches('\'')));
        return lines.map(|line| format!("{line}\n")).collect();
    }
    let program = command.strip_prefix("cargo run -p example-charm -- ");
    let arguments: Vec<&str> = program.expect(command).split(' ').collect();
    let port = web.address.port().to_string();
    let output = match arguments[0] {
        "integrations" => run(&arguments, variables),
        _ => run(&arguments, &[("APP_PORT", &port)]),
    };
    String::from_utf8_lossy(&output.stdout).into_owned() + &errors(&output)
}

/// Compares texts, and JSON without the order of its keys, which depends on what else is built.
fn is_same(shown: &str, came: &str) -> bool {
    let json = |text| serde_json::from_str::<Value>(text).ok();
    match (json(shown), json(came)) {
        (Some(shown), Some(came)) => shown == came,
        _ => shown.trim_end() == came.trim_end(),
    }
}

#[test]
fn the_page_is_true_word_by_word() {
    let page = fs::read_to_string(path("README.md")).unwrap();
    let (steps, variables) = (steps(&page), variables(&page));
    assert!(steps.len() > 8 && variables.len() == 4);
    let mut server = Postgres::start(&[]);
    let web = Web::start(&connect_string(&server, Postgres::USER), &variables[3..]);
    web.wait_for("/z/health", 200);
    let mut is_stopped = false;
    for step in steps {
        if step.is_stopped && !is_stopped {
            is_stopped = true;
            server.kill();
            web.wait_for("/z/health/readiness", 503);
        }
        let came = came(&step.command, &web, &variables);
        assert!(
            is_same(&step.output, &came),
            "$ {}\nthe page shows:\n{}\nthere came:\n{came}",
            step.command,
            step.output
        );
    }
    assert!(is_stopped);
}

#[test]
fn what_the_page_names_is_there() {
    let page = fs::read_to_string(path("README.md")).unwrap();
    let (_, table) = page.split_once("## Where to look").unwrap();
    let names: Vec<&str> = table.split('`').skip(1).step_by(2).collect();
    assert!(names.len() > 5);
    for name in names {
        assert!(path(name).exists(), "{name}");
    }
}
