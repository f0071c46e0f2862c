//! What the end of a program means.

use health_core::{Health, Status};
use rustix::process::WaitStatus;
use serde_json::Value;

use super::{
    Plan, perfdata,
    run::{Finished, tell_printed},
};
use crate::millis::millis;

/// How exit codes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Convention {
    ExitCode,
    Nagios,
}

impl Convention {
    fn status(self, code: i32) -> Status {
        match (self, code) {
            (_, 0) | (Self::Nagios, 1) => Status::UP,
            (Self::Nagios, 3) => Status::UNKNOWN,
            _ => Status::DOWN,
        }
    }

    /// Returns the word for a code.
    fn state(self, code: i32) -> Option<&'static str> {
        let words = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];
        let word = usize::try_from(code).ok().and_then(|code| words.get(code));
        word.copied().filter(|_| self == Self::Nagios)
    }
}

/// Tells how a program ended that was not killed by us.
pub(super) fn tell(plan: &Plan, finished: Finished) -> Health {
    let end = End::of(finished.status);
    let code = match end {
        End::Code(code) => Some(code),
        End::Signal(_) | End::Unknown => None,
    };
    let status = code.map_or(Status::DOWN, |code| match plan.codes.get(&code) {
        Some(status) => status.clone(),
        None => plan.convention.status(code),
    });
    let state = code.and_then(|code| plan.convention.state(code));
    let error = (status != Status::UP).then(|| end.text(state));
    let (mut stdout, mut stderr) = (finished.stdout, finished.stderr);
    if status == Status::UP {
        stderr.text.clear();
    }
    let (mut long_output, mut perfdata) = (None, None);
    if plan.convention == Convention::Nagios {
        let read = perfdata::read(&stdout.text);
        stdout.text = read.first_line;
        long_output = Some(read.long_output).filter(|text| !text.is_empty());
        perfdata = Some(read.perfdata).filter(|values| !values.is_empty());
    }
    let health = Health::new(status)
        .detail("command", plan.shown_program())
        .detail("exitCode", code)
        .detail("state", state)
        .detail("durationMs", millis(finished.took));
    tell_printed(health, &stdout, &stderr)
        .detail("longOutput", long_output)
        .detail("perfdata", perfdata.map(Value::Object))
        .detail("error", error)
}

#[derive(Clone, Copy)]
enum End {
    Code(i32),
    Signal(i32),
    Unknown,
}

impl End {
    fn of(status: WaitStatus) -> Self {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Unknown,
        }
    }

    fn text(self, state: Option<&str>) -> String {
        match self {
            Self::Code(code) => match state {
                Some(state) => format!("exit code {code} ({state})"),
                None => format!("exit code {code}"),
            },
            Self::Signal(signal) => match signal_name(signal) {
                Some(name) => format!("killed by signal {signal} ({name})"),
                None => format!("killed by signal {signal}"),
            },
            Self::Unknown => "how it ended is not known".to_owned(),
        }
    }
}

/// Names the signals that have the same number on all systems.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        _ => return None,
    })
}
