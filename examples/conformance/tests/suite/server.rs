//! The program as a child process, on a free port.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// The longest wait for anything that a test waits for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const FRAMEWORKS: [&str; 4] = ["core", "axum", "actix", "rocket"];

/// Runs a test with each framework, at the same time, and tells in which of them it failed.
pub(crate) fn with_each_framework(test: impl Fn(&'static str) + Sync) {
    thread::scope(|scope| {
        let runs = FRAMEWORKS.map(|framework| {
            (
                framework,
                scope.spawn({
                    let test = &test;
                    move || test(framework)
                }),
            )
        });
        let failed: Vec<&str> = runs
            .into_iter()
            .filter_map(|(framework, run)| run.join().err().map(|_| framework))
            .collect();
        assert!(failed.is_empty(), "failed with {failed:?}, see above");
    });
}

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: Arc<Mutex<String>>,
    pub(crate) address: SocketAddr,
    pub(crate) management: Option<SocketAddr>,
}

impl Server {
    pub(crate) fn start(framework: &str, fixture: &str) -> Self {
        Self::start_with(framework, fixture, &[])
    }

    /// Starts with a listener for management only as well.
    pub(crate) fn start_with_management(framework: &str, fixture: &str) -> Self {
        let mut server =
            Self::start_with(framework, fixture, &["--management-listen", "127.0.0.1:0"]);
        server.management = Some(address_after("management on http://", &mut server.stdout));
        server
    }

    pub(crate) fn start_with(framework: &str, fixture: &str, more: &[&str]) -> Self {
        let mut child = command(framework, fixture).args(more).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        let address = address_after("listening on http://", &mut stdout);
        Self {
            child,
            stdout,
            stderr,
            address,
            management: None,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What has been written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let kill = Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        wait_until("the process ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Makes the command line, with the fixture in a file of its own.
pub(crate) fn command(framework: &str, fixture: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conformance"));
    command
        .args(["--framework", framework, "--fixture"])
        .arg(temporary_file("fixture.json", fixture))
        // To write a backtrace takes longer than a check may.
        .env("RUST_BACKTRACE", "0")
        .env_remove("VERSION")
        .env_remove("HEALTH_DISABLED_CHECKS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Writes a file that no other test writes.
pub(crate) fn temporary_file(name: &str, text: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(std::process::id().to_string());
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{number}-{name}"));
    fs::write(&path, text).unwrap();
    path
}

/// Asks again and again, and fails when the patience is over.
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn address_after(start: &str, stdout: &mut BufReader<ChildStdout>) -> SocketAddr {
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix(start);
    address
        .unwrap_or_else(|| panic!("expected `{start}...`, found `{line}`"))
        .parse()
        .unwrap()
}

fn collect(mut stderr: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let collected = Arc::new(Mutex::new(String::new()));
    let text = Arc::clone(&collected);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(length @ 1..) = stderr.read(&mut buffer) {
            text.lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    });
    collected
}
