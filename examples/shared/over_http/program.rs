//! Runs the example's program, and sees whether anything of it is left.

use std::{
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use crate::PROGRAM;

/// The longest wait for anything; far longer than anything takes.
const LIMIT: Duration = Duration::from_secs(20);

/// Variables that would change what the program does.
const VARIABLES: [&str; 10] = [
    "BASE_PATH",
    "DRAIN_GRACE",
    "HEALTH_DISABLED_CHECKS",
    "ORDERS_LISTEN",
    "USERS_LISTEN",
    "USERS_ADDRESS",
    "PREFERRED_URL_SCHEME",
    "SCHEME",
    "VERSION",
    "OTEL_RESOURCE_ATTRIBUTES",
];

/// The program under way; killed when dropped, and what it started ends by itself.
pub(crate) struct Program {
    process: Child,
    lines: Receiver<String>,
    /// Gets one text when all processes are gone that write to the program's standard error.
    errors: Receiver<String>,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        VARIABLES
            .iter()
            .for_each(|name| _ = command.env_remove(name));
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut stderr = process.stderr.take().unwrap();
        let (line_sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                _ = line_sender.send(line.unwrap());
            }
        });
        let (error_sender, errors) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            _ = error_sender.send(text);
        });
        Self {
            process,
            lines,
            errors,
        }
    }

    /// Starts one service and waits until it listens.
    pub(crate) fn listening(arguments: &[&str]) -> (Self, SocketAddr) {
        let program = Self::start(arguments);
        let line = program.line().unwrap();
        let address = line.strip_prefix("listening on http://").unwrap();
        (program, address.parse().unwrap())
    }

    /// Returns the next line on standard output; nothing, when there comes none any more.
    pub(crate) fn line(&self) -> Option<String> {
        match self.lines.recv_timeout(LIMIT) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("no line within {LIMIT:?}"),
        }
    }

    /// Sends a signal to the process that was started first.
    pub(crate) fn signal(&self, signal: &str) {
        send(signal, self.process.id());
    }

    /// Waits until the program and all that it started have ended; returns how the program ended
    /// and all that was written to standard error.
    pub(crate) fn ended(&mut self) -> (ExitStatus, String) {
        let errors = self.errors.recv_timeout(LIMIT).expect("a process is left");
        (self.process.wait().unwrap(), errors)
    }

    /// Waits like [`Program::ended`], for an end without a complaint; returns the log.
    pub(crate) fn ended_well(&mut self) -> String {
        let (status, log) = self.ended();
        assert!(status.success(), "{status}, {log}");
        for complaint in ["error: ", "panicked"] {
            assert!(!log.contains(complaint), "{log}");
        }
        log
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Both services, as the program without arguments starts them.
pub(crate) struct Both {
    pub(crate) program: Program,
    pub(crate) orders: SocketAddr,
    pub(crate) users: SocketAddr,
    pub(crate) pid_of_users: u32,
    /// What the program printed, as it came.
    pub(crate) lines: Vec<String>,
}

impl Both {
    /// Starts both on ports that the system chooses, without a drain.
    pub(crate) fn start() -> Self {
        Self::start_with(&["--drain-grace", "0"])
    }

    /// Starts both on ports that the system chooses.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let any = "127.0.0.1:0";
        let ports = ["--orders-listen", any, "--users-listen", any];
        let program = Program::start(&[&ports, arguments].concat());
        let lines: Vec<String> = (0..6).map(|_| program.line().unwrap()).collect();
        let (orders, _) = address_and_pid(&lines[0], "orders");
        let (users, pid_of_users) = address_and_pid(&lines[1], "users");
        Self {
            program,
            orders,
            users,
            pid_of_users,
            lines,
        }
    }

    /// Stops `users` in the way that the program prints, and waits until it has ended.
    pub(crate) fn stop_users(&self) {
        self.signal_users();
        self.users_have_ended();
    }

    /// Begins the end of `users`, in the way that the program prints.
    pub(crate) fn signal_users(&self) {
        send("TERM", self.pid_of_users);
    }

    /// Waits for the end of `users`.
    pub(crate) fn users_have_ended(&self) {
        assert_eq!(self.program.line().as_deref(), Some("users has ended"));
        assert!(TcpStream::connect(self.users).is_err());
    }

    /// Starts `users` alone, where it was.
    pub(crate) fn start_users_again(&self) -> Program {
        let (users, address) = Program::listening(&["users", "--listen", &self.users.to_string()]);
        assert_eq!(address, self.users);
        users
    }
}

fn address_and_pid(line: &str, name: &str) -> (SocketAddr, u32) {
    let rest = line.strip_prefix(&format!("{name}: listening on http://"));
    let (address, pid) = rest.and_then(|rest| rest.split_once(", process ")).unwrap();
    (address.parse().unwrap(), pid.parse().unwrap())
}

/// Sends a signal by the shell's own `kill`, which is there wherever there is a shell.
fn send(signal: &str, pid: u32) {
    let command = format!("kill -{signal} {pid}");
    assert!(
        Command::new("sh")
            .args(["-c", &command])
            .status()
            .unwrap()
            .success(),
        "{command}"
    );
}
