//! Server processes that never outlive the test process.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::wait::BETWEEN_LOOKS;

/// Starts the command in a session of its own, says its process id, and kills all that belongs to
/// it at the end of the input, which is the end of the test process at the latest.
const SUPERVISE: &str = r#"exec 3>&1 >"$LOG" 2>&1
setsid "$@" 3>&- </dev/null &
pid=$!
echo $pid >&3
exec 3>&-
read -r _
kill -s KILL -- -$pid
wait $pid"#;

/// A server process with all its children.
#[derive(Debug)]
pub struct Process {
    supervisor: Child,
    pid: String,
    log: PathBuf,
}

impl Process {
    /// Starts a program; what it prints goes to the file `log`.
    ///
    /// # Panics
    /// When the program is not installed.
    pub fn start<A: AsRef<OsStr>>(
        program: &str,
        arguments: impl IntoIterator<Item = A>,
        environment: &[(&str, &str)],
        log: impl AsRef<Path>,
    ) -> Self {
        let log = log.as_ref().to_owned();
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISE, "sh"])
            .arg(find(program))
            .args(arguments)
            .envs(environment.iter().copied())
            .env("LOG", &log)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(supervisor.stdout.take().unwrap())
            .read_line(&mut pid)
            .unwrap();
        Self {
            supervisor,
            pid: pid.trim_end().to_owned(),
            log,
        }
    }

    /// Blocks until `is_ready`, and panics with what the server printed when it ends before, or
    /// is not ready within the time.
    #[track_caller]
    pub fn wait_until_ready(&self, within: Duration, mut is_ready: impl FnMut() -> bool) {
        let deadline = Instant::now() + within;
        while !is_ready() {
            let printed = self.printed();
            assert!(
                self.is_running(),
                "the server ended; it printed:\n{printed}"
            );
            assert!(
                Instant::now() < deadline,
                "the server is not ready within {within:?}; it printed:\n{printed}"
            );
            thread::sleep(BETWEEN_LOOKS);
        }
    }

    /// Tells whether the server itself still runs.
    pub fn is_running(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let state = stat
            .rsplit(") ")
            .next()
            .and_then(|rest| rest.chars().next());
        state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
    }

    /// Returns the process id of the server.
    pub fn pid(&self) -> &str {
        &self.pid
    }

    /// Returns what the server has printed.
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends a signal, such as `STOP`, `CONT` or `TERM`, to the server and all its children.
    pub fn signal(&self, name: &str) {
        let group = format!("-{}", self.pid);
        let status = Command::new("kill")
            .args(["-s", name, "--", &group])
            .status();
        assert!(status.unwrap().success(), "signal {name}");
    }
}

/// Kills the server and waits until it is dead.
impl Drop for Process {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// Finds a program also in the folders that are not on everybody's `PATH`.
fn find(program: &str) -> PathBuf {
    if program.contains('/') {
        return PathBuf::from(program);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap_or_else(|| {
            panic!("`{program}` is not installed; `cargo xtask setup` installs what tests need")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Folder, wait_until};

    #[test]
    fn a_dropped_process_is_dead_with_its_children() {
        let folder = Folder::new("process");
        let log = folder.path().join("log");
        let script = "sleep 600 & echo $!; wait";
        let process = Process::start("sh", ["-c", script], &[], &log);
        process.wait_until_ready(Duration::from_secs(5), || process.printed().ends_with('\n'));
        let child = PathBuf::from("/proc").join(process.printed().trim_end());
        assert!(process.is_running() && child.exists());
        drop(process);
        wait_until("the child is dead", Duration::from_secs(5), || {
            !child.exists()
        });
    }
}
