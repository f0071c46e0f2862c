//! Spring's info contributor `process`, with what is true of a native process.

use std::{
    path::Path,
    process, thread,
    time::{Duration, Instant, SystemTime},
};

use super::{
    object::Object,
    source::{Memory, Source, SystemProcess},
    time::{iso_duration, rfc3339},
};

/// Ticks per second in which `/proc` counts time, on every architecture that Rust supports.
const TICKS_PER_SECOND: u64 = 100;

/// What does not change while the process lives.
#[derive(Debug, Clone)]
pub(super) struct Process {
    parent_pid: Option<i64>,
    owner: Option<String>,
    started: Option<Started>,
    working_directory: Option<String>,
    cpus: Option<usize>,
}

/// When the process started, and how old it was when this was found out: its age goes on from
/// there by a clock that nobody sets.
#[derive(Debug, Clone, Copy)]
struct Started {
    at: SystemTime,
    age: Duration,
    observed: Instant,
}

impl Process {
    /// Looks at this process. Reads `/proc`; what is not there is asked of the operating system.
    pub(super) fn detect(source: &Source) -> Self {
        let stat = source.file("/proc/self/stat").unwrap_or_default();
        let system = if stat.is_empty() {
            source.system.process()
        } else {
            None
        };
        let started = start_of(source, &stat).or(system.as_ref().map(|process| process.started));
        Self {
            parent_pid: parent_pid(&stat, system.as_ref()),
            owner: owner(source),
            started: started.map(Started::new),
            working_directory: source.working_directory.as_deref().map(display),
            cpus: thread::available_parallelism().ok().map(usize::from),
        }
    }

    /// Gives the members as they are at this moment, in Spring's order.
    ///
    /// `parentPid` is -1 when there is no parent, as for the first process of a container.
    /// `uptime` and `startTime` are exact to about a second. `memory` has `resident` and `virtual`,
    /// in bytes, in place of the heaps of a Java virtual machine.
    pub(super) fn object(&self, source: &Source, now: SystemTime) -> Object {
        let mut process = Object::default();
        process.set("pid", process::id());
        process.set_some("parentPid", self.parent_pid);
        process.set_some("owner", self.owner.as_deref());
        if let Some(started) = self.started {
            process.set("uptime", iso_duration(started.uptime()));
            process.set("startTime", rfc3339(started.at));
        }
        process.set("currentTime", rfc3339(now));
        process.set_some("workingDirectory", self.working_directory.as_deref());
        process.set_some("cpus", self.cpus);
        if let Some(used) = memory(source) {
            let mut memory = Object::default();
            memory.set("resident", used.resident_bytes);
            memory.set("virtual", used.virtual_bytes);
            process.set_object("memory", &memory);
        }
        process
    }
}

impl Started {
    fn new(at: SystemTime) -> Self {
        Self {
            at,
            age: at.elapsed().unwrap_or_default(),
            observed: Instant::now(),
        }
    }

    fn uptime(&self) -> Duration {
        self.age.saturating_add(self.observed.elapsed())
    }
}

fn display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Splits the fields of `/proc/self/stat` after the program's name, which may hold anything, so
/// that the first one is field 3.
///
/// Source: proc_pid_stat(5).
fn stat_field(stat: &str, number: usize) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(number - 3)?.parse().ok()
}

fn parent_pid(stat: &str, system: Option<&SystemProcess>) -> Option<i64> {
    let parent = stat_field(stat, 4).or_else(|| Some(u64::from(system?.parent_pid?)))?;
    if parent == 0 {
        return Some(-1);
    }
    i64::try_from(parent).ok()
}

/// Adds the ticks at which the process started to the second at which the machine did.
fn start_of(source: &Source, stat: &str) -> Option<SystemTime> {
    let ticks = stat_field(stat, 22)?;
    let kernel = source.file("/proc/stat")?;
    let boot = kernel
        .lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()?;
    let since_boot = Duration::from_millis(ticks.checked_mul(1000 / TICKS_PER_SECOND)?);
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(boot))?
        .checked_add(since_boot)
        .filter(|start| *start <= SystemTime::now() + Duration::from_secs(1))
}

/// Names the user: by the password file, else by number, else as the environment has it.
fn owner(source: &Source) -> Option<String> {
    let Some(uid) = status_field(source, "Uid:") else {
        return source.first_var(&["LOGNAME", "USER", "USERNAME"]);
    };
    let users = source.file("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    Some(name.map_or_else(|| uid.to_string(), str::to_owned))
}

fn memory(source: &Source) -> Option<Memory> {
    let bytes = |field| status_field(source, field)?.checked_mul(1024);
    match (bytes("VmRSS:"), bytes("VmSize:")) {
        (Some(resident_bytes), Some(virtual_bytes)) => Some(Memory {
            resident_bytes,
            virtual_bytes,
        }),
        _ => source.system.process().map(|process| process.memory),
    }
}

/// Reads the first number of a line of `/proc/self/status`.
fn status_field(source: &Source, field: &str) -> Option<u64> {
    let status = source.file("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
