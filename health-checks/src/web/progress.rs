//! How far an exchange is, so that a failure can say what was waited for, and where.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use reqwest::Url;

use super::{Redirects, Timings, timings::Stage};

tokio::task_local! {
    static CURRENT: Arc<Progress>;
}

/// Is told of the steps of one exchange by a client of ours; another client tells nothing.
pub(super) struct Progress {
    pub(super) redirects: Redirects,
    /// Whether something is sent that only the host in the URL may get.
    pub(super) is_confidential: bool,
    steps: Mutex<Steps>,
}

struct Steps {
    stage: Stage,
    since: Instant,
    timings: Timings,
    redirected_to: Option<Url>,
}

impl Progress {
    pub(super) fn new(redirects: Redirects, is_confidential: bool) -> Self {
        Self {
            redirects,
            is_confidential,
            steps: Mutex::new(Steps {
                stage: Stage::Waiting,
                since: Instant::now(),
                timings: Timings::default(),
                redirected_to: None,
            }),
        }
    }

    /// Runs a part of the exchange, so that its steps are noted here.
    pub(super) async fn watch<F: Future>(self: &Arc<Self>, part: F) -> F::Output {
        CURRENT.scope(Arc::clone(self), part).await
    }

    /// Notes what the connector does next. A connection may be made for a later exchange while the
    /// answer comes over an older one.
    pub(super) fn enter(&self, stage: Stage) {
        let mut steps = self.steps();
        if steps.stage != Stage::Reading {
            steps.enter(stage);
        }
    }

    /// Notes that the head of the answer is there.
    pub(super) fn answered(&self) {
        let mut steps = self.steps();
        let is_on_older_connection = steps.stage != Stage::Waiting;
        steps.enter(Stage::Reading);
        if is_on_older_connection {
            steps.timings.forget_connecting();
        }
    }

    /// Returns what is under way.
    pub(super) fn stage(&self) -> Stage {
        self.steps().stage
    }

    /// Returns what the time went to until now.
    pub(super) fn timings(&self) -> Timings {
        let mut steps = self.steps();
        let stage = steps.stage;
        steps.enter(stage);
        steps.timings.clone()
    }

    /// Returns the last URL to which a redirect led.
    pub(super) fn redirected_to(&self) -> Option<Url> {
        self.steps().redirected_to.clone()
    }

    fn steps(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Steps {
    fn enter(&mut self, stage: Stage) {
        let now = Instant::now();
        let before = mem::replace(&mut self.since, now);
        let is_first = self.stage == Stage::Waiting && self.redirected_to.is_none();
        let ended = match stage {
            // Nothing was sent yet that could be waited for.
            Stage::Connecting if is_first => Stage::Connecting,
            _ => self.stage,
        };
        self.timings.add(ended, now - before);
        self.stage = stage;
    }
}

/// Returns the exchange under way on this task.
pub(super) fn current() -> Option<Arc<Progress>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Notes that the exchange under way goes on at another URL.
pub(super) fn note_redirect(to: &Url) {
    if let Some(progress) = current() {
        progress.steps().redirected_to = Some(to.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_was_not_used_leaves_no_times() {
        let progress = Progress::new(Redirects::SameHost, false);
        progress.enter(Stage::Resolving);
        progress.enter(Stage::Connecting);
        progress.answered();
        progress.enter(Stage::ShakingHands);
        assert_eq!(progress.stage(), Stage::Reading);
        let timings = progress.timings();
        assert!(timings.of(Stage::Waiting).is_some());
        for stage in [Stage::Resolving, Stage::Connecting, Stage::ShakingHands] {
            assert_eq!(timings.of(stage), None, "{stage:?}");
        }
    }
}
