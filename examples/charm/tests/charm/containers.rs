//! The files that run the program without a platform say what it does.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{
    program::{is_known, run},
    yaml::{self, array, keys},
};

/// Where the image has the program.
const PROGRAM: &str = "/usr/local/bin/example-charm";

#[test]
fn the_compose_file_hands_out_what_the_program_recognizes() {
    let compose = yaml::read("compose.yaml");
    let environment = compose["services"]["web"]["environment"]
        .as_object()
        .unwrap();
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let output = run(&["integrations"], &environment);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let kinds = array(&said["integrations"]).map(|integration| integration["kind"].as_str());
    let kinds: Vec<&str> = kinds.map(Option::unwrap).collect();
    assert_eq!(kinds, ["postgresql", "redis", "rabbitmq"]);
    assert_eq!(said["problems"], serde_json::json!([]));
    let services: BTreeSet<&str> = keys(&compose["services"]).collect();
    for integration in array(&said["integrations"]) {
        let host = integration["hosts"][0]["host"].as_str().unwrap();
        assert!(services.contains(host), "{host}");
    }
    for service in ["worker", "scheduler"] {
        let test = &compose["services"][service]["healthcheck"]["test"];
        let arguments: Vec<&str> = array(test).skip(2).map(|it| it.as_str().unwrap()).collect();
        assert_eq!(arguments, ["healthcheck", service]);
        assert!(is_known(&arguments), "{service}");
    }
}

#[test]
fn the_image_runs_the_program_and_asks_it() {
    let dockerfile = fs::read_to_string(yaml::path("Dockerfile")).unwrap();
    for needed in [
        "cargo build --release --locked -p example-charm".to_owned(),
        format!("/example-charm {PROGRAM}\n"),
        format!("ENTRYPOINT [\"{PROGRAM}\"]\n"),
        "\nCMD [\"web\"]".to_owned(),
    ] {
        assert!(dockerfile.contains(&needed), "{needed}");
    }
    let (_, check) = dockerfile.split_once("  CMD ").unwrap();
    let check: Vec<&str> = serde_json::from_str(check.lines().next().unwrap()).unwrap();
    assert_eq!(check[0], PROGRAM);
    assert!(is_known(&["web"]) && is_known(&check[1..]), "{check:?}");
}
