//! HAProxy marks a server up and down by `option httpchk`.

use std::{
    env,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use super::{control, program};
use crate::server::{Server, temporary_file, wait_until, with_each_framework};

struct HaProxy {
    process: Child,
    stats: PathBuf,
}

impl HaProxy {
    /// Starts with one server, asked every 100 ms; two answers alike change its state.
    fn start(server: &Server, check: &str) -> Self {
        // The path of a socket may have some hundred bytes only.
        let socket =
            |name: &str| env::temp_dir().join(format!("conformance-{}-{name}.sock", server.id()));
        let (stats, front) = (socket("stats"), socket("front"));
        let config = format!(
            "global\n stats socket {} mode 600\n\
             defaults\n mode http\n timeout connect 1s\n timeout client 5s\n timeout server 5s\n\
             frontend front\n bind unix@{}\n default_backend app\n\
             backend app\n option httpchk\n {check}\n http-check expect status 200\n \
             server one {} check inter 100ms fall 2 rise 2\n",
            stats.display(),
            front.display(),
            server.address
        );
        let config = temporary_file("haproxy.cfg", &config);
        let process = Command::new(program("haproxy"))
            .args(["-db", "-f"])
            .arg(config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait_until("haproxy listens", || UnixStream::connect(&stats).is_ok());
        Self { process, stats }
    }

    /// Returns the columns `status` and `check_status` of the server, and `check_code`.
    fn state(&self) -> (String, String, String) {
        let mut stream = UnixStream::connect(&self.stats).unwrap();
        stream.write_all(b"show stat\n").unwrap();
        let mut csv = String::new();
        stream.read_to_string(&mut csv).unwrap();
        let mut lines = csv.lines();
        let names: Vec<&str> = lines
            .next()
            .unwrap()
            .trim_start_matches("# ")
            .split(',')
            .collect();
        let server: Vec<&str> = lines
            .find(|line| line.starts_with("app,one,"))
            .unwrap()
            .split(',')
            .collect();
        let column =
            |name: &str| server[names.iter().position(|known| *known == name).unwrap()].to_owned();
        (
            column("status"),
            column("check_status"),
            column("check_code"),
        )
    }

    fn wait_for(&self, status: &str, check_status: &str, code: &str) {
        let wanted = (status.to_owned(), check_status.to_owned(), code.to_owned());
        wait_until(
            &format!("haproxy says {wanted:?}, not {:?}", self.state()),
            || self.state() == wanted,
        );
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        _ = std::fs::remove_file(&self.stats);
        _ = std::fs::remove_file(
            self.stats.with_file_name(
                self.stats
                    .file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace("stats", "front"),
            ),
        );
    }
}

const FIXTURE: &str = r#"{
    "add_probe_paths": true, "drain_ms": 3000,
    "checks": {"db": {}},
    "groups": {"readiness": {"include": ["readinessState", "db"]}}
}"#;

#[test]
fn a_server_goes_down_and_up_with_its_check() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let check = "http-check send meth GET uri /readyz ver HTTP/1.1 hdr host conformance.test";
        let haproxy = HaProxy::start(&server, check);
        haproxy.wait_for("UP", "L7OK", "200");
        control(
            server.address,
            "checks/db",
            r#"{"error": "connection refused"}"#,
        );
        haproxy.wait_for("DOWN", "L7STS", "503");
        control(server.address, "checks/db", "{}");
        haproxy.wait_for("UP", "L7OK", "200");
        control(server.address, "readiness", "REFUSING_TRAFFIC");
        haproxy.wait_for("DOWN", "L7STS", "503");
    });
}

/// As haproxy asks when nothing else is said: `OPTIONS` over HTTP/1.0, without a host.
#[test]
fn the_oldest_kind_of_check_is_understood() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let haproxy = HaProxy::start(&server, "http-check send uri /z/health");
        haproxy.wait_for("UP", "L7OK", "200");
    });
}

#[test]
fn a_draining_server_is_taken_out_before_it_ends() {
    with_each_framework(|framework| {
        let server = Server::start(framework, FIXTURE);
        let check = "http-check send meth HEAD uri /readyz ver HTTP/1.1 hdr host conformance.test";
        let haproxy = HaProxy::start(&server, check);
        haproxy.wait_for("UP", "L7OK", "200");
        server.terminate();
        haproxy.wait_for("DOWN", "L7STS", "503");
    });
}
