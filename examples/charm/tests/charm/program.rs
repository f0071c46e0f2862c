//! The program as a process, with an environment that the test gives and nothing else.

use std::{
    ffi::OsStr,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    process::{Command, Output},
    thread::sleep,
    time::{Duration, Instant},
};

use check_testing::{Folder, Process, free_port, wait_until};
use serde_json::Value;

use crate::client::{Answer, get};

const PROGRAM: &str = env!("CARGO_BIN_EXE_example-charm");

/// How long anything may take on a computer that is busy.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Runs the program to its end.
pub(crate) fn run<V: AsRef<OsStr>>(arguments: &[&str], environment: &[(&str, V)]) -> Output {
    command(arguments, environment).output().unwrap()
}

/// Tells whether these are arguments that the program knows; without a database it fails for them.
pub(crate) fn is_known(arguments: &[&str]) -> bool {
    run::<&str>(arguments, &[]).status.code() != Some(2)
}

pub(crate) fn command<V: AsRef<OsStr>>(arguments: &[&str], environment: &[(&str, V)]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear();
    for (name, value) in environment {
        command.env(name, value);
    }
    command
}

/// Returns what the program said of its end.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A service of the program that runs; it is killed when it is dropped.
pub(crate) struct Service {
    pub(crate) process: Process,
    folder: Folder,
}

impl Service {
    pub(crate) fn start(name: &str, environment: &[(&str, &str)]) -> Self {
        let folder = Folder::new("charm");
        let log = folder.file("log");
        let variables = environment.iter();
        let variables = variables.map(|(name, value)| format!("{name}={value}"));
        let mut arguments = vec!["-i".to_owned(), format!("TMPDIR={}", folder.file(""))];
        arguments.extend(variables);
        arguments.extend([PROGRAM, name].map(str::to_owned));
        let process = Process::start("env", arguments, &[], log);
        Self { process, folder }
    }

    /// Asks by the sub-command that containers ask with, and returns the exit code.
    pub(crate) fn healthcheck(&self, what: &str, environment: &[(&str, &str)]) -> i32 {
        let folder = self.folder.file("");
        let mut environment = environment.to_vec();
        environment.push(("TMPDIR", &folder));
        let output = run(&["healthcheck", what], &environment);
        output.status.code().unwrap()
    }

    /// Returns the lines of the log so far.
    pub(crate) fn log(&self) -> Vec<Value> {
        let printed = self.process.printed();
        let whole = printed.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    }

    /// Waits for a line of the log with this message.
    pub(crate) fn wait_for_log(&self, message: &str) {
        let what = format!("{message}: {}", self.process.pid());
        wait_until(&what, LIMIT, || {
            self.log().iter().any(|line| line["message"] == message)
        });
    }

    /// Tells it to end, and waits until it has.
    pub(crate) fn end(&self) {
        self.process.signal("TERM");
        wait_until("it ends", LIMIT, || !self.process.is_running());
    }
}

/// The service `web`, on ports of its own.
pub(crate) struct Web {
    pub(crate) service: Service,
    pub(crate) address: SocketAddr,
    pub(crate) metrics: SocketAddr,
}

impl Web {
    /// Starts it, and returns when it listens, which is before it is ready.
    pub(crate) fn start(database: &str, more: &[(&str, &str)]) -> Self {
        let address = loopback(free_port());
        let metrics = loopback(free_port());
        let (port, metrics_port) = (address.port().to_string(), metrics.port().to_string());
        let mut environment = vec![
            ("POSTGRESQL_DB_CONNECT_STRING", database),
            ("APP_PORT", &port),
            ("APP_METRICS_PORT", &metrics_port),
            ("APP_METRICS_PATH", "/metrics"),
        ];
        environment.extend(more);
        let service = Service::start("web", &environment);
        service
            .process
            .wait_until_ready(LIMIT, || TcpStream::connect(metrics).is_ok());
        Self {
            service,
            address,
            metrics,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        get(self.address, path)
    }

    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.get(path).body).unwrap()
    }

    /// Waits until a path is answered with a code.
    pub(crate) fn wait_for(&self, path: &str, code: u16) {
        let started = Instant::now();
        while self.get(path).code() != code {
            if started.elapsed() > LIMIT {
                let health = self.get("/z/health").body;
                panic!("{path} is not {code} within {LIMIT:?}: {health}");
            }
            sleep(Duration::from_millis(10));
        }
    }
}

pub(crate) fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
