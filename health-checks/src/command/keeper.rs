//! The thread that starts a program and waits for it.

use std::{
    io,
    os::unix::process::CommandExt,
    path::Path,
    process::{ChildStderr, ChildStdout, Command, Stdio},
    sync::Arc,
    thread,
};

use rustix::process::{Pid, WaitStatus};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{
    Plan,
    group::{Group, KillOnDrop},
    memory_limit::limit,
    program,
};

const THREAD: &str = "health-command";

/// A thread that starts the program, which may block, and waits for it: so the program is reaped
/// whatever becomes of who asked, and of the runtime.
pub(super) struct Keeper {
    pub(super) started: oneshot::Receiver<Result<Started, String>>,
    pub(super) ended: oneshot::Receiver<io::Result<WaitStatus>>,
}

pub(super) struct Started {
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
    pub(super) group: KillOnDrop,
}

impl Keeper {
    pub(super) fn start(plan: Arc<Plan>, permit: OwnedSemaphorePermit) -> io::Result<Self> {
        let (tell_start, started) = oneshot::channel();
        let (tell_end, ended) = oneshot::channel();
        let keep = move || {
            let _permit = permit;
            let (group, start) = match spawn(&plan) {
                Ok((group, start)) => (Some(group), start),
                Err(error) => (None, Err(error)),
            };
            // Where nobody waits for it any more, what was started is dropped here, and so killed.
            drop(tell_start.send(start));
            if let Some(group) = group {
                _ = tell_end.send(group.wait());
                group.wait_for_orphans();
            }
        };
        thread::Builder::new().name(THREAD.to_owned()).spawn(keep)?;
        Ok(Self { started, ended })
    }
}

/// Starts the program and limits its memory. Where that fails after the start, the group is
/// returned too: it is killed, and has to be waited for.
fn spawn(plan: &Plan) -> Result<(Group, Result<Started, String>), String> {
    let found = program::find(&plan.program)?;
    let folder = plan.folder.as_deref();
    let mut child = command(plan, &found)
        .spawn()
        .map_err(|error| program::explain(&error, &found, folder))?;
    let leader = Pid::from_child(&child);
    let group = Group::new(leader);
    let kill_on_drop = KillOnDrop(group.clone());
    let limited = plan
        .memory_limit
        .map_or(Ok(()), |bytes| limit(leader, bytes));
    let start = match (limited, child.stdout.take(), child.stderr.take()) {
        (Ok(()), Some(stdout), Some(stderr)) => Ok(Started {
            stdout,
            stderr,
            group: kill_on_drop,
        }),
        (Err(error), ..) => Err(not_limited(&error)),
        (Ok(()), ..) => Err("it has no output".to_owned()),
    };
    Ok((group, start))
}

fn command(plan: &Plan, program: &Path) -> Command {
    let inherited = plan.inherited.iter();
    let inherited = inherited.filter_map(|name| Some((name, std::env::var_os(name)?)));
    let own = plan.environment.iter();
    let mut command = Command::new(program);
    command
        .args(&plan.arguments)
        .env_clear()
        .envs(inherited)
        .envs(own.map(|(name, value)| (name, value.expose())))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    if let Some(folder) = &plan.folder {
        command.current_dir(folder);
    }
    command
}

fn not_limited(error: &io::Error) -> String {
    let remedy = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; one that runs as another user needs `memory_limit_bytes(None)`"
        }
        _ => "",
    };
    format!("its memory cannot be limited, so it was killed: {error}{remedy}")
}
