//! The files of the image and of the charm say what the program does.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use health_core::DEFAULT_DRAIN_GRACE;
use serde_json::{Value, json};

use crate::{
    program::{is_known, run},
    yaml::{self, keys},
};

const ROCK: &str = "rockcraft.yaml";
const CHARM: &str = "charm/charmcraft.yaml";

/// Names the program `charmcraft`, which needs a newer Python than Debian 12 has.
const CHARMCRAFT: &str = "HEALTH_TEST_CHARMCRAFT";

/// The folders that paas-charm allows there; with anything else there it hands none of them on.
const COS_FOLDERS: [&str; 3] = [
    "grafana_dashboards",
    "loki_alert_rules",
    "prometheus_alert_rules",
];

/// Returns the sub-command of a command line of the image.
fn sub_command(command: &Value) -> Vec<&str> {
    let command = command.as_str().unwrap();
    let command = command.strip_prefix("/usr/local/bin/example-charm ");
    command.expect("the program").split(' ').collect()
}

#[test]
fn the_image_has_the_services_that_a_charm_of_go_looks_for() {
    let rock = yaml::read(ROCK);
    assert_eq!(rock["run-user"], "_daemon_");
    let services: BTreeSet<&str> = keys(&rock["services"]).collect();
    assert_eq!(services, ["go", "orders-scheduler", "orders-worker"].into());
    for (name, service) in rock["services"].as_object().unwrap() {
        assert_eq!(service["override"], "replace", "{name}");
        assert_eq!(service["startup"], "enabled", "{name}");
        assert_eq!(service["user"], "_daemon_", "{name}");
        assert_eq!(service["working-dir"], "/app", "{name}");
        // Without a database each of them fails, and none says that it is not known.
        assert!(is_known(&sub_command(&service["command"])), "{name}");
    }
    let checks = rock["checks"].as_object().unwrap();
    for (name, check) in checks {
        assert!(is_known(&sub_command(&check["exec"]["command"])), "{name}");
    }
    let restarting = [
        ("live", "go"),
        ("worker", "orders-worker"),
        ("scheduler", "orders-scheduler"),
    ];
    for (check, service) in restarting {
        assert_eq!(checks[check]["exec"]["service-context"], service);
        // A container that waits for an integration is not killed.
        assert_eq!(checks[check].get("level"), None, "{check}");
        let action = &rock["services"][service]["on-check-failure"];
        assert_eq!(action, &json!({check: "restart"}));
    }
    assert_eq!(checks["ready"]["exec"]["service-context"], "go");
    assert_eq!(checks["ready"]["level"], "ready");
    assert_eq!(checks.len(), restarting.len() + 1);
    let delay = rock["services"]["go"]["kill-delay"].as_str().unwrap();
    let delay: u64 = delay.strip_suffix('s').unwrap().parse().unwrap();
    assert!(
        delay > DEFAULT_DRAIN_GRACE.as_secs(),
        "killed while it drains"
    );
    assert_eq!(
        rock["parts"]["assets"]["organize"]["migrate.sh"],
        "app/migrate.sh"
    );
    let binary = &rock["parts"]["program"]["organize"]["bin/example-charm"];
    assert_eq!(binary, "usr/local/bin/example-charm");
}

#[test]
fn the_migration_script_is_one_of_bash_and_calls_the_program() {
    let script = yaml::path("migrate.sh");
    let text = fs::read_to_string(&script).unwrap();
    assert!(
        text.contains("\nexec /usr/local/bin/example-charm migrate\n"),
        "{text}"
    );
    assert!(is_known(&["migrate"]));
    let status = Command::new("bash").arg("-n").arg(script).status();
    assert!(status.unwrap().success());
}

#[test]
fn the_charm_has_the_integrations_and_options_that_the_program_reads() {
    let charm = yaml::read(CHARM);
    assert_eq!(charm["extensions"], json!(["go-framework"]));
    let strings = [
        (
            "postgresql",
            "POSTGRESQL_DB_CONNECT_STRING",
            "postgresql://u:p@h/d",
        ),
        ("redis", "REDIS_DB_CONNECT_STRING", "redis://h"),
        ("rabbitmq", "RABBITMQ_CONNECT_STRING", "amqp://u:p@h"),
    ];
    for (name, required) in [("postgresql", true), ("redis", false), ("tracing", false)] {
        assert_eq!(charm["requires"][name]["optional"], !required, "{name}");
    }
    for (kind, variable, value) in strings {
        let output = run(&["integrations"], &[(variable, value)]);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["integrations"][0]["kind"], kind);
        assert!(charm["requires"][kind].is_object(), "{kind}");
    }
    let settings = fs::read_to_string(yaml::path("src/settings.rs")).unwrap();
    for option in keys(&charm["config"]["options"]) {
        assert!(settings.contains(&format!("\"{option}\"")), "{option}");
        let is_reserved = ["app-", "go-", "webserver-", "metrics-"];
        assert!(
            !is_reserved.iter().any(|start| option.starts_with(start)),
            "{option}"
        );
    }
    let source = fs::read_to_string(yaml::path("charm/src/charm.py")).unwrap();
    assert!(source.contains("(paas_charm.go.Charm)"));
}

#[test]
fn what_the_charm_observes_lies_where_it_is_looked_for() {
    let folder = yaml::path("charm/cos_custom");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names(&folder), COS_FOLDERS.map(str::to_owned).into());
    for (name, suffixes) in [
        ("grafana_dashboards", &[".json"][..]),
        ("loki_alert_rules", &[".rules", ".rule", ".yaml", ".yml"]),
        (
            "prometheus_alert_rules",
            &[".rules", ".rule", ".yaml", ".yml"],
        ),
    ] {
        let files = names(&folder.join(name));
        assert!(!files.is_empty(), "{name}");
        for file in files {
            assert!(
                suffixes.iter().any(|suffix| file.ends_with(suffix)),
                "{file}"
            );
        }
    }
}

#[test]
#[ignore = "needs charmcraft 4.5.0 of PyPI on Python 3.12, named by HEALTH_TEST_CHARMCRAFT"]
fn charmcraft_expands_the_charm() {
    let charmcraft = env::var_os(CHARMCRAFT);
    let charmcraft = charmcraft.unwrap_or_else(|| panic!("{CHARMCRAFT} names no program"));
    let output = Command::new(charmcraft)
        .arg("expand-extensions")
        .current_dir(yaml::path("charm"))
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let folder = check_testing::Folder::new("charmcraft");
    let expanded = String::from_utf8(output.stdout).unwrap();
    let expanded = yaml::read(&folder.write("expanded.yaml", &expanded));
    let own = yaml::read(CHARM);
    for (name, relation) in own["requires"].as_object().unwrap() {
        assert_eq!(&expanded["requires"][name], relation, "{name}");
    }
    for (name, option) in own["config"]["options"].as_object().unwrap() {
        assert_eq!(&expanded["config"]["options"][name], option, "{name}");
    }
    // What the extension adds.
    assert_eq!(expanded["containers"]["app"]["resource"], "app-image");
    for option in ["app-port", "metrics-port", "metrics-path"] {
        assert!(
            expanded["config"]["options"][option].is_object(),
            "{option}"
        );
    }
    for relation in ["ingress", "logging"] {
        assert!(expanded["requires"][relation].is_object(), "{relation}");
    }
    assert!(expanded["provides"]["metrics-endpoint"].is_object());
}
