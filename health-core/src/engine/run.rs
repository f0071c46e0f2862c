//! One run of one check: waits for its turn, isolates panics, ends at the deadline.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};

use super::{Outcome, entry::Entry, outcome::failure, shared::Shared, wait::UNYIELDING_GRACE};
use crate::{Check, CheckError, CheckResult, Health, call::Call, panic_text::panic_text};

/// How long a check may keep its thread in one go before it is named in the log: a tenth of what a
/// kubelet waits for the probes that the thread could answer meanwhile.
pub const DEFAULT_POLL_BUDGET: Duration = Duration::from_millis(100);

/// What the reason of a check begins with that panicked.
pub(crate) const PANICKED: &str = "panicked: ";

/// What a run gave, and how long it took.
pub(super) struct Ran {
    pub(super) health: Health,
    pub(super) duration: Duration,
}

impl Ran {
    pub(super) fn into_outcome(self) -> Arc<Outcome> {
        let mut outcome = Outcome::now(self.health);
        Arc::make_mut(&mut outcome).duration = self.duration;
        outcome
    }
}

type Panic = Box<dyn Any + Send>;

pub(super) async fn run(entry: &Entry, check: &dyn Check, shared: &Shared, call: Call) -> Ran {
    let deadline = call.deadline();
    let allowed = entry.settings().deadline.as_millis();
    let is_nested = call.is_nested();
    // Runs along trails have a bound of their own: they neither take turns nor wait for them, or
    // applications could wait for each other's around a circle.
    let turn = shared.permits.acquire_many(u32::from(!is_nested));
    let in_turn = timeout_at(deadline, turn).await;
    let started = Instant::now();
    let Ok(Ok(_permit)) = in_turn else {
        let reason =
            format!("did not get its turn within {allowed} ms: too many checks are under way");
        return Ran {
            health: failure(reason),
            duration: Duration::ZERO,
        };
    };
    let mut guarded = Guarded {
        state: Guarded::start(check),
        longest_poll: Duration::ZERO,
    };
    let checked = call.scope(timeout_at(deadline, &mut guarded)).await;
    let is_late = Instant::now() > deadline + UNYIELDING_GRACE;
    let has_blocked = is_late && guarded.longest_poll >= DEFAULT_POLL_BUDGET;
    let health = match checked {
        // A failure has a better reason of its own.
        Ok(Ok(Ok(_))) | Err(_) if has_blocked => failure(format!(
            "ended {} ms after its start, beyond its deadline of {allowed} ms: it blocks its thread",
            started.elapsed().as_millis()
        )),
        Ok(Ok(Ok(health))) => within_limit(health, shared.details_limit_bytes),
        Ok(Ok(Err(error))) => failed(&error, shared.details_limit_bytes),
        Ok(Err(panic)) => panicked(&panic, shared.details_limit_bytes),
        Err(_) => failure(format!("gave no result within {allowed} ms")),
    };
    let ran = Ran {
        health,
        duration: started.elapsed(),
    };
    if !is_nested {
        warn_of_slowness(entry, ran.duration, guarded.longest_poll);
    }
    ran
}

fn warn_of_slowness(entry: &Entry, duration: Duration, longest_poll: Duration) {
    let component = entry.path();
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    if entry
        .stats
        .turns_slow(duration >= entry.settings().slow_after)
    {
        tracing::warn!(
            component,
            duration_ms = millis(duration),
            "the check has become slow"
        );
    }
    if entry
        .stats
        .turns_blocking(longest_poll >= DEFAULT_POLL_BUDGET)
    {
        tracing::warn!(
            component,
            blocked_ms = millis(longest_poll),
            "the check blocks its thread: use `blocking` or an async client"
        );
    }
}

fn within_limit(health: Health, limit_bytes: usize) -> Health {
    let size = health.size_bytes();
    if size <= limit_bytes {
        return health;
    }
    let reason = format!("details of {size} bytes were left out: the limit is {limit_bytes} bytes");
    Health {
        via: health.via,
        ..Health::new(health.status)
    }
    .detail("error", reason)
}

/// Tells an error; its text is code of the application, which may panic too.
fn failed(error: &CheckError, limit_bytes: usize) -> Health {
    match catch_unwind(AssertUnwindSafe(|| error.to_string())) {
        Ok(reason) => failure(shortened(&reason, limit_bytes)),
        Err(panic) => panicked(&panic, limit_bytes),
    }
}

fn panicked(panic: &Panic, limit_bytes: usize) -> Health {
    failure(format!(
        "{PANICKED}{}",
        shortened(panic_text(panic.as_ref()), limit_bytes)
    ))
}

/// Keeps the beginning of a reason, which says the most.
pub(super) fn shortened(reason: &str, limit_bytes: usize) -> &str {
    &reason[..reason.floor_char_boundary(limit_bytes)]
}

/// Turns a panic of a check into a value, also one that comes from making or dropping its future.
struct Guarded<'a> {
    state: Option<Result<Running<'a>, Panic>>,
    longest_poll: Duration,
}

type Running<'a> = Pin<Box<dyn Future<Output = CheckResult> + Send + 'a>>;

impl<'a> Guarded<'a> {
    fn start(check: &'a dyn Check) -> Option<Result<Running<'a>, Panic>> {
        Some(catch_unwind(AssertUnwindSafe(|| check.check())))
    }
}

impl Future for Guarded<'_> {
    type Output = Result<CheckResult, Panic>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut running = match self.state.take() {
            Some(Ok(running)) => running,
            Some(Err(panic)) => return Poll::Ready(Err(panic)),
            None => return Poll::Pending,
        };
        let started = std::time::Instant::now();
        let polled = catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx)));
        self.longest_poll = self.longest_poll.max(started.elapsed());
        match polled {
            Ok(Poll::Ready(result)) => Poll::Ready(drop_quietly(running).map(|()| result)),
            Ok(Poll::Pending) => {
                self.state = Some(Ok(running));
                Poll::Pending
            }
            Err(panic) => {
                _ = drop_quietly(running);
                Poll::Ready(Err(panic))
            }
        }
    }
}

impl Drop for Guarded<'_> {
    fn drop(&mut self) {
        _ = drop_quietly(self.state.take());
    }
}

fn drop_quietly<T>(value: T) -> Result<(), Panic> {
    catch_unwind(AssertUnwindSafe(|| drop(value)))
}
