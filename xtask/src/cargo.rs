//! Calls of cargo.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::Error;

/// One call of the cargo that started xtask, without standard input.
pub(crate) struct Cargo {
    command: Command,
    /// The call as one would type it, for messages.
    line: String,
    remedy: Option<&'static str>,
}

impl Cargo {
    pub(crate) fn new<A: AsRef<str>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        let mut line = String::from("cargo");
        for argument in arguments {
            command.arg(argument.as_ref());
            line.push(' ');
            line.push_str(argument.as_ref());
        }
        Self {
            command,
            line,
            remedy: None,
        }
    }

    /// Sets an environment variable of the call.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, &value);
        self.line = format!("{name}={:?} {}", value.as_ref(), self.line);
        self
    }

    /// Sets the folder to call cargo in; default: where xtask was called.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets what to do when the call fails, where cargo's own output does not say it.
    pub(crate) fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// Prints the call and runs it with its output shown.
    pub(crate) fn run(mut self) -> Result<(), Error> {
        println!("$ {}", self.line);
        let status = match self.command.status() {
            Ok(status) => status,
            Err(source) => {
                return Err(Error::Start {
                    command: self.line,
                    source,
                });
            }
        };
        if status.success() {
            return Ok(());
        }
        Err(Error::Failed {
            command: self.line,
            status,
            remedy: self.remedy,
        })
    }

    /// Runs the call and returns its standard output.
    pub(crate) fn read(mut self) -> Result<String, Error> {
        let output = match self.command.stderr(Stdio::inherit()).output() {
            Ok(output) => output,
            Err(source) => {
                return Err(Error::Start {
                    command: self.line,
                    source,
                });
            }
        };
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Error::Failed {
            command: self.line,
            status: output.status,
            remedy: self.remedy,
        })
    }
}
