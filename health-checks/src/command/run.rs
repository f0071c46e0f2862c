//! One run of a command, from its start until nothing of it is left.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    process,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use health_core::Health;
use rustix::process::WaitStatus;
use tokio::{
    process::{ChildStderr, ChildStdout},
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use super::{
    Plan,
    capture::{Capture, Printed},
    keeper::Keeper,
};

/// How long after the end of a program its outputs are read, where a process that left the group
/// still holds them open.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A program that ended by itself.
pub(super) struct Finished {
    pub(super) status: WaitStatus,
    pub(super) took: Duration,
    pub(super) stdout: Printed,
    pub(super) stderr: Printed,
}

/// Why there is no end that means something.
pub(super) struct Failure {
    error: String,
    printed: Option<(Printed, Printed)>,
}

impl Failure {
    fn new(error: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            printed: None,
        }
    }

    pub(super) fn tell(self, plan: &Plan) -> Health {
        let health = Health::down().detail("command", plan.shown_program());
        let health = match self.printed {
            Some((stdout, stderr)) => tell_printed(health, &stdout, &stderr),
            None => health,
        };
        health.detail("error", self.error)
    }
}

/// Adds what was printed, where something was.
pub(super) fn tell_printed(health: Health, stdout: &Printed, stderr: &Printed) -> Health {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let is_truncated = stdout.is_truncated || stderr.is_truncated;
    health
        .detail("output", some(&stdout.text))
        .detail("truncated", is_truncated.then_some(true))
        .detail("stderr", some(&stderr.text))
}

/// Runs the command, for `time` at the most or as long as it says itself.
///
/// # Cancel safety
/// When this is dropped the whole group is killed; its keeper reaps it.
pub(super) async fn run(
    plan: &Arc<Plan>,
    turn: &Arc<Semaphore>,
    time: Duration,
) -> Result<Finished, Failure> {
    let time = plan.time_limit.unwrap_or(Duration::MAX).min(time);
    let began = Instant::now();
    let deadline = began + time;
    let too_late = |what: &str| format!("{what} within {} ms", time.as_millis());

    let permit = timeout_at(deadline, Arc::clone(turn).acquire_owned()).await;
    let Ok(Ok(permit)) = permit else {
        let error = too_late("the run before, which was killed, is not gone");
        return Err(Failure::new(error));
    };
    let keeper = Keeper::start(Arc::clone(plan), permit)
        .map_err(|error| Failure::new(format!("no thread could be started: {error}")))?;
    let started = match timeout_at(deadline, keeper.started).await {
        Ok(Ok(started)) => started.map_err(Failure::new)?,
        Ok(Err(_)) => return Err(Failure::new("starting it panicked")),
        Err(_) => return Err(Failure::new(too_late("no start"))),
    };
    let mut outputs = Outputs::new(plan, started.stdout, started.stderr)
        .map_err(|error| Failure::new(format!("its output cannot be read: {error}")))?;

    let mut ended = keeper.ended;
    let end = poll_fn(|context| {
        _ = outputs.poll(context);
        Pin::new(&mut ended).poll(context)
    });
    let end = timeout_at(deadline, end).await;
    let took = began.elapsed();
    let Ok(end) = end else {
        drop(started.group);
        return Err(Failure {
            error: format!("{}: killed", too_late("no end")),
            printed: Some(outputs.printed(plan)),
        });
    };
    let last_words = poll_fn(|context| outputs.poll(context));
    _ = timeout_at(deadline.min(Instant::now() + LAST_WORDS), last_words).await;
    let (stdout, stderr) = outputs.printed(plan);
    let reason = match end {
        Ok(Ok(status)) => {
            return Ok(Finished {
                status,
                took,
                stdout,
                stderr,
            });
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "waiting for it panicked".to_owned(),
    };
    Err(Failure {
        error: format!("how it ended is not known: {reason}"),
        printed: Some((stdout, stderr)),
    })
}

/// Both outputs, read at once.
struct Outputs {
    stdout: Capture<ChildStdout>,
    stderr: Capture<ChildStderr>,
}

impl Outputs {
    fn new(
        plan: &Plan,
        stdout: process::ChildStdout,
        stderr: process::ChildStderr,
    ) -> io::Result<Self> {
        let (limit, secrets) = (plan.output_limit, &plan.secrets);
        Ok(Self {
            stdout: Capture::new(ChildStdout::from_std(stdout)?, limit, secrets),
            stderr: Capture::new(ChildStderr::from_std(stderr)?, limit, secrets),
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let (stdout, stderr) = (self.stdout.poll(context), self.stderr.poll(context));
        if stdout.is_ready() && stderr.is_ready() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn printed(self, plan: &Plan) -> (Printed, Printed) {
        let secrets = &plan.secrets;
        (self.stdout.printed(secrets), self.stderr.printed(secrets))
    }
}
