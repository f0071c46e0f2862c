//! A command by its exit code or by the convention of nagios plugins.

mod capture;
mod exit;
mod gone;
mod group;
mod keeper;
mod memory_limit;
mod perfdata;
mod program;
mod run;
mod secrets;

use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf, sync::Arc, time::Duration};

use health_core::{Check, CheckResult, Health, Secret, Status, async_trait};
use tokio::sync::Semaphore;

use self::{exit::Convention, secrets::Secrets};
use crate::patience::patience;

/// How much of each of the two outputs of a command is kept, 8 KiB; see
/// [`Command::output_limit_bytes`]. It is what nagios reads of a plugin.
pub const DEFAULT_OUTPUT_LIMIT_BYTES: usize = 8 * 1024;

/// How much memory each process of a command may take, 512 MiB; see
/// [`Command::memory_limit_bytes`].
pub const DEFAULT_COMMAND_MEMORY_LIMIT_BYTES: u64 = 512 * 1024 * 1024;

/// Checks that a command ends with success.
///
/// Details: `command`, `exitCode`, `durationMs`, `output`, `truncated` when one of the outputs was
/// longer than its limit, `error` and `stderr` when not UP; by the convention of nagios also
/// `state`, `longOutput` and `perfdata`.
///
/// The program is started with its arguments as they are: there is no shell, no pattern and no
/// variable is expanded. Who wants a shell names it: `Command::new("sh").args(["-c", script])`. A
/// name without `/` is looked for in the `PATH` of this process at each run. The program has
/// no input, the working folder of this process and **none of its environment**, not even `PATH`,
/// unless asked for.
///
/// It runs in a process group of its own. When the command ends, when its time is over (just before
/// the deadline of the component, or [`Command::time_limit`]) and when the check is dropped, the
/// whole group is killed by `SIGKILL`. The next run starts when nothing of it is alive; elsewhere
/// than on Linux, when the program itself is not. A process that leaves the group, by `setsid`, is
/// not reached.
///
/// By default exit code 0 is UP and all else DOWN, death by a signal always. Linux, macOS and
/// FreeBSD only.
///
/// # Security
/// What the program prints becomes a detail. Arguments are not shown, but every user of the host
/// can see them while the program runs: hand secrets over by [`Command::secret_env`].
///
/// ```
/// use health_checks::Command;
///
/// let mounted = Command::new("mountpoint").args(["-q", "/data"]);
/// let load = Command::new("/usr/lib/nagios/plugins/check_load").args(["-w", "5", "-c", "9"]).nagios();
/// ```
///
/// Source: Monitoring Plugins Development Guidelines, "Plugin Return Codes", "Performance data".
#[must_use = "a check does nothing until it is registered"]
pub struct Command {
    plan: Arc<Plan>,
    /// One run at a time, until all of it is gone.
    turn: Arc<Semaphore>,
}

/// What is run, and what its end means.
#[derive(Clone)]
struct Plan {
    program: PathBuf,
    arguments: Vec<OsString>,
    inherited: Vec<String>,
    environment: Vec<(String, Secret<String>)>,
    folder: Option<PathBuf>,
    time_limit: Option<Duration>,
    output_limit: usize,
    memory_limit: Option<u64>,
    secrets: Secrets,
    convention: Convention,
    codes: BTreeMap<i32, Status>,
}

impl Command {
    /// Makes a check of a program by its name or path.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            plan: Arc::new(Plan {
                program: program.into(),
                arguments: Vec::new(),
                inherited: Vec::new(),
                environment: Vec::new(),
                folder: None,
                time_limit: None,
                output_limit: DEFAULT_OUTPUT_LIMIT_BYTES,
                memory_limit: Some(DEFAULT_COMMAND_MEMORY_LIMIT_BYTES),
                secrets: Secrets::default(),
                convention: Convention::ExitCode,
                codes: BTreeMap::new(),
            }),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    fn plan(&mut self) -> &mut Plan {
        Arc::make_mut(&mut self.plan)
    }

    /// Adds an argument.
    pub fn arg(self, argument: impl Into<OsString>) -> Self {
        self.args([argument])
    }

    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments = arguments.into_iter().map(Into::into);
        self.plan().arguments.extend(arguments);
        self
    }

    /// Hands on a variable of this process, such as `PATH`, with its value at each run; one that is
    /// not set is not handed on.
    pub fn inherit_env(mut self, name: impl Into<String>) -> Self {
        self.plan().inherited.push(name.into());
        self
    }

    /// Sets a variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let variable = (name.into(), Secret::new(value.into()));
        self.plan().environment.push(variable);
        self
    }

    /// Sets a variable whose value is hidden wherever the program prints it.
    pub fn secret_env(mut self, name: impl Into<String>, value: Secret<String>) -> Self {
        self.plan().environment.push((name.into(), value.clone()));
        self.redact(value)
    }

    /// Hides a text wherever the program prints it, as a whole, on both of its outputs.
    pub fn redact(mut self, secret: Secret<String>) -> Self {
        self.plan().secrets.add(secret);
        self
    }

    /// Sets the working folder; default is that of this process.
    pub fn current_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.plan().folder = Some(folder.into());
        self
    }

    /// Sets the longest time of a run; by default, and at the longest, a little less than the
    /// deadline of the component.
    pub fn time_limit(mut self, time: Duration) -> Self {
        self.plan().time_limit = Some(time);
        self
    }

    /// Sets how many bytes of each output are kept; default [`DEFAULT_OUTPUT_LIMIT_BYTES`]. What is
    /// printed beyond is read and thrown away, and the detail `truncated` tells so.
    pub fn output_limit_bytes(mut self, bytes: usize) -> Self {
        self.plan().output_limit = bytes;
        self
    }

    /// Sets how many bytes of memory each process of the command may take, at least what it has at
    /// its start; default [`DEFAULT_COMMAND_MEMORY_LIMIT_BYTES`], `None` for no limit. On Linux
    /// only: elsewhere there is none.
    ///
    /// It is the kernel's limit of private, writable memory (`RLIMIT_DATA`): a program that wants
    /// more is refused it, and most of them then end by themselves. The limit is each process's, so
    /// a command of several may take several times as much. It is set just after the program has
    /// started: what the program took in that moment, of less than a millisecond, it keeps, and a
    /// process that it forked within that moment is not limited. A program that runs as another user
    /// (set-uid, such as `check_icmp`) cannot be limited unless this process is privileged: DOWN.
    pub fn memory_limit_bytes(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.plan().memory_limit = bytes.into();
        self
    }

    /// Reads exit code and output as nagios does: 0 is UP, 1 (`WARNING`) is UP too, 2 is DOWN, 3 is
    /// UNKNOWN and all else DOWN; the detail `state` has the word. Of the output the first line is
    /// the detail `output`, what follows `longOutput`, and performance data is `perfdata`.
    ///
    /// To have a warning degrade the component, say so:
    /// `.nagios().exit_code(1, Status::DEGRADED)`, and declare that status where the component does
    /// not have it from its impact.
    pub fn nagios(mut self) -> Self {
        self.plan().convention = Convention::Nagios;
        self
    }

    /// Sets what an exit code means, before the convention.
    pub fn exit_code(mut self, code: i32, status: impl Into<Status>) -> Self {
        self.plan().codes.insert(code, status.into());
        self
    }

    /// Runs it for a time at the most, or as long as it says itself.
    pub(crate) async fn run_for(&self, time: Duration) -> Health {
        match run::run(&self.plan, &self.turn, time).await {
            Ok(finished) => exit::tell(&self.plan, finished),
            Err(failure) => failure.tell(&self.plan),
        }
    }
}

#[async_trait]
impl Check for Command {
    async fn check(&self) -> CheckResult {
        Ok(self.run_for(patience()).await)
    }
}

impl Plan {
    fn shown_program(&self) -> String {
        self.program.display().to_string()
    }
}

/// Shows the program, and of the arguments their number: they may hold secrets.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("program", &self.plan.program)
            .field("arguments", &self.plan.arguments.len())
            .finish_non_exhaustive()
    }
}
