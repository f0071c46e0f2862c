//! Prometheus scrapes the metrics, and its own linter finds nothing to blame.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::Value;

use super::{control, program};
use crate::{
    http,
    server::{Server, temporary_file, wait_until, with_each_framework},
};

const FIXTURE: &str = r#"{
    "version": "1.2.3",
    "checks": {"db": {}, "mq": {"status": "DOWN"}, "pair": {"components": {"o\"ne\\": {}}}},
    "groups": {"core": {"include": ["db"]}}
}"#;

struct Prometheus {
    process: Child,
    address: SocketAddr,
    data: PathBuf,
}

impl Prometheus {
    fn start(server: &Server) -> Self {
        let config = format!(
            "global:\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\nscrape_configs:\n- job_name: app\n  \
             metrics_path: /z/prometheus\n  static_configs:\n  - targets: ['{}']\n",
            server.address
        );
        let config = temporary_file("prometheus.yml", &config);
        let data = env::temp_dir().join(format!("conformance-{}-prometheus", server.id()));
        let mut process = Command::new(program("prometheus"))
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg("--web.listen-address=127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let listens = lines.find_map(|line| {
            let (_, address) = line.split_once("msg=\"Listening on\" address=")?;
            Some(address.split_whitespace().next()?.to_owned())
        });
        let address = listens
            .expect("prometheus says where it listens")
            .parse()
            .unwrap();
        // So that it can go on writing.
        thread::spawn(move || lines.for_each(drop));
        Self {
            process,
            address,
            data,
        }
    }

    /// Returns the value of a query with a single result.
    fn query(&self, query: &str) -> Option<String> {
        let query: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let answer = http::get(self.address, &format!("/api/v1/query?query={query}"));
        let answer: Value = serde_json::from_str(&answer.body).ok()?;
        let results = answer["data"]["result"].as_array()?;
        assert!(results.len() < 2, "{answer}");
        Some(results.first()?["value"][1].as_str()?.to_owned())
    }

    fn wait_for(&self, query: &str, value: &str) {
        wait_until(&format!("{query} is {value}"), || {
            self.query(query).as_deref() == Some(value)
        });
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        _ = fs::remove_dir_all(&self.data);
    }
}

#[test]
fn prometheus_scrapes_what_the_endpoints_say() {
    // One after the other: a Prometheus is heavy.
    for framework in crate::server::FRAMEWORKS {
        let server = Server::start(framework, FIXTURE);
        http::get(server.address, "/z/health");
        let prometheus = Prometheus::start(&server);
        prometheus.wait_for(r#"up{job="app"}"#, "1");
        prometheus.wait_for(r#"health_component_up{component="db"}"#, "1");
        prometheus.wait_for(r#"health_component_up{component="mq"}"#, "0");
        prometheus.wait_for(r#"health_component_up{component="pair/o\"ne\\"}"#, "1");
        prometheus.wait_for(r#"health_group_up{group="core"}"#, "1");
        prometheus.wait_for("health_up", "0");
        control(server.address, "checks/db", r#"{"status": "DOWN"}"#);
        http::get(server.address, "/z/health");
        prometheus.wait_for(r#"health_component_up{component="db"}"#, "0");
        prometheus.wait_for(r#"health_group_up{group="core"}"#, "0");
        prometheus.wait_for(r#"min_over_time(up{job="app"}[1m])"#, "1");
    }
}

#[test]
fn promtool_finds_nothing_to_blame() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        for asked in [false, true] {
            if asked {
                http::get(server.address, "/z/health");
            }
            let metrics = http::get(server.address, "/z/prometheus");
            assert_eq!(
                metrics.header("content-type"),
                Some("text/plain; version=0.0.4; charset=utf-8")
            );
            let mut promtool = Command::new(program("promtool"))
                .args(["check", "metrics"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            promtool
                .stdin
                .take()
                .unwrap()
                .write_all(metrics.body.as_bytes())
                .unwrap();
            let output = promtool.wait_with_output().unwrap();
            let said =
                String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert!(
                output.status.success() && said.is_empty(),
                "{said}\n{}",
                metrics.body
            );
        }
    });
}
