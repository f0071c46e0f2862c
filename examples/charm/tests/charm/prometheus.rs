//! Dashboard, alerts and log rules fit what the program emits.

use std::{collections::BTreeSet, process::Command};

use check_testing::{Folder, Process, Restart, servers::postgres::Postgres, wait_until};
use serde_json::Value;

use crate::{
    client::get,
    databases::{self, connect_string},
    program::{LIMIT, Web},
    yaml::{self, array},
};

const DASHBOARD: &str = "charm/cos_custom/grafana_dashboards/health.json";
const ALERTS: &str = "charm/cos_custom/prometheus_alert_rules/health.rules";
const LOG_ALERTS: &str = "charm/cos_custom/loki_alert_rules/health.rules";

/// Prometheus with the alerts, which scrapes the program as the platform makes it.
struct Prometheus {
    url: String,
    _process: Process,
    _folder: Folder,
}

impl Prometheus {
    fn start(web: &Web) -> Self {
        let folder = Folder::new("prometheus");
        let config = format!(
            "global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 200ms}}\n\
             rule_files: ['{rules}']\n\
             scrape_configs:\n\
             - job_name: app\n\
            \x20 metrics_path: /metrics\n\
            \x20 static_configs:\n\
            \x20 - targets: ['{target}']\n\
            \x20   labels: {{juju_model: m, juju_application: app, juju_unit: app/0}}\n",
            rules = yaml::path(ALERTS).display(),
            target = web.metrics,
        );
        let config = folder.write("prometheus.yml", &config);
        let arguments = [
            format!("--config.file={config}"),
            format!("--storage.tsdb.path={}", folder.file("data")),
            "--web.listen-address=127.0.0.1:0".to_owned(),
        ];
        let process = Process::start("prometheus", arguments, &[], folder.file("log"));
        let address = || {
            let printed = process.printed();
            let (_, rest) = printed.split_once("msg=\"Listening on\" address=")?;
            Some(rest.split_once('\n')?.0.split(' ').next()?.to_owned())
        };
        process.wait_until_ready(LIMIT, || {
            let Some(address) = address() else {
                return false;
            };
            get(address.parse().unwrap(), "/-/ready").code() == 200
        });
        Self {
            url: format!("http://{}", address().unwrap()),
            _process: process,
            _folder: folder,
        }
    }

    /// Returns the series that a query has, each as `name{labels} => value @[time]`.
    fn query(&self, query: &str) -> Vec<String> {
        let output = Command::new("promtool")
            .args(["query", "instant", &self.url, query])
            .output()
            .unwrap();
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{query}: {problem}");
        let printed = String::from_utf8(output.stdout).unwrap();
        let lines = printed.lines().filter(|line| line.contains("=>"));
        lines.map(str::to_owned).collect()
    }

    fn wait_for(&self, query: &str) {
        wait_until(&format!("{query} has a series"), LIMIT, || {
            !self.query(query).is_empty()
        });
    }
}

/// Returns the queries of the dashboard to Prometheus, with Grafana's variables filled in.
fn dashboard() -> Vec<String> {
    let dashboard = yaml::read(DASHBOARD);
    let targets = array(&dashboard["panels"]).flat_map(|panel| array(&panel["targets"]));
    let targets = targets.filter(|target| target["datasource"]["type"] == "prometheus");
    let queries = targets.map(|target| {
        target["expr"]
            .as_str()
            .unwrap()
            .replace("$juju_model", "m")
            .replace("$juju_application", "app")
            .replace("$juju_unit", ".+")
            .replace("$__rate_interval", "1m")
    });
    queries.collect()
}

/// Returns the expressions of a file of rules.
fn expressions(file: &str) -> Vec<String> {
    let rules = yaml::read(file);
    let rules: Vec<Value> = array(&rules["groups"])
        .flat_map(|group| array(&group["rules"]))
        .cloned()
        .collect();
    let expressions = rules
        .iter()
        .map(|rule| rule["expr"].as_str().unwrap().to_owned());
    expressions.collect()
}

/// Returns the names of metrics in an expression.
fn names(expression: &str) -> BTreeSet<&str> {
    let words = expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with("health_") || word.starts_with("http_"))
        .collect()
}

#[test]
fn prometheus_scrapes_what_the_dashboard_and_the_alerts_ask_for() {
    let web = Web::start(&databases::empty("scraped"), &[]);
    let prometheus = Prometheus::start(&web);
    web.wait_for("/z/health/readiness", 200);
    prometheus.wait_for("up == 1");
    prometheus.wait_for("health_up == 1");
    // A rate is between two samples of a series that was there before, and scrapes may be late.
    for (path, code) in [("/orders", 200), ("/nowhere", 404)] {
        let rate = format!("rate(http_requests_total{{status=\"{code}\"}}[1m]) > 0");
        wait_until(&rate, LIMIT, || {
            assert_eq!(web.get(path).code(), code);
            !prometheus.query(&rate).is_empty()
        });
    }

    let (dashboard, alerts) = (dashboard(), expressions(ALERTS));
    assert!(dashboard.len() > 15 && alerts.len() > 5);
    for query in &dashboard {
        let is_of_other_codes = query.contains("\"3..\"") || query.contains("\"5..\"");
        let series = prometheus.query(query);
        assert!(
            !series.is_empty() || is_of_other_codes,
            "{query} has no series"
        );
    }
    for alert in &alerts {
        let firing = prometheus.query(alert);
        assert!(firing.is_empty(), "{alert}: {firing:?}");
    }
    for query in dashboard.iter().chain(&alerts) {
        let names = names(query);
        assert!(!names.is_empty(), "{query}");
        for name in names {
            assert!(!prometheus.query(name).is_empty(), "{name} is not emitted");
        }
    }
}

#[test]
fn the_tool_of_prometheus_accepts_the_alerts_and_their_tests_pass() {
    for arguments in [
        ["check", "rules", ALERTS],
        ["test", "rules", "tests/alerts.yaml"],
    ] {
        let output = Command::new("promtool")
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(said.contains("SUCCESS"), "{arguments:?}: {said}");
    }
    let tested = std::fs::read_to_string(yaml::path("tests/alerts.yaml")).unwrap();
    let rules = yaml::read(ALERTS);
    for rule in array(&rules["groups"]).flat_map(|group| array(&group["rules"])) {
        let name = rule["alert"].as_str().unwrap();
        assert!(
            tested.contains(&format!("alertname: {name}\n")),
            "{name} never fires"
        );
    }
}

/// The conditions of a LogQL expression on a line of JSON, and the fields that it counts by.
fn log_fields(expression: &str) -> (Vec<(String, String)>, Vec<String>) {
    let (_, rest) = expression.split_once("| json |").unwrap();
    let (conditions, _) = rest.split_once('[').unwrap();
    let conditions = conditions.split('|').map(|condition| {
        let (field, value) = condition.trim().split_once('=').unwrap();
        (field.to_owned(), value.trim_matches('"').to_owned())
    });
    let (_, by) = expression.split_once("by (").unwrap();
    let by = by.split_once(')').unwrap().0.split(',').map(str::trim);
    let by = by.filter(|label| !label.starts_with("juju_"));
    (conditions.collect(), by.map(str::to_owned).collect())
}

#[test]
fn the_log_has_the_fields_that_its_alerts_look_for() {
    let mut server = Postgres::start(&[]);
    let web = Web::start(&connect_string(&server, Postgres::USER), &[]);
    web.wait_for("/z/health/readiness", 200);
    server.kill();
    web.wait_for("/z/health/readiness", 503);
    web.service.wait_for_log("is DOWN");
    let log = web.service.log();
    let expressions = expressions(LOG_ALERTS);
    assert!(!expressions.is_empty());
    for expression in expressions {
        let (conditions, by) = log_fields(&expression);
        let line = log.iter().find(|line| {
            let mut conditions = conditions.iter();
            conditions.all(|(field, value)| line[field] == value.as_str())
        });
        let line = line.unwrap_or_else(|| panic!("{expression} finds nothing in {log:?}"));
        for field in by {
            assert!(
                line[&field].is_string(),
                "{field} of {expression} in {line}"
            );
        }
    }
    let down = log.iter().find(|line| line["component"] == "postgresql");
    let down = down.unwrap();
    assert_eq!(
        (&down["message"], &down["level"]),
        (&"is DOWN".into(), &"ERROR".into())
    );
}
