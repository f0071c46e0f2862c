//! Where the migrations stand.

use std::time::Duration;

use health_core::{Health, Status};

use crate::millis::millis;

/// What is known at one moment.
#[derive(Debug, Default)]
pub(super) struct State {
    stage: Stage,
    attempts: u64,
    took: Option<Duration>,
    output: Option<String>,
    error: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Stage {
    #[default]
    Waiting,
    Locking,
    Running,
    Failed,
    Done,
}

/// How an attempt ended.
pub(super) struct Ended {
    pub(super) took: Duration,
    pub(super) output: Option<String>,
    pub(super) result: Result<(), String>,
}

impl State {
    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    pub(super) fn failed_with(&self) -> Option<String> {
        self.error.clone().filter(|_| self.stage == Stage::Failed)
    }

    pub(super) fn wait(&mut self) {
        self.stage = Stage::Waiting;
    }

    pub(super) fn lock(&mut self) {
        self.stage = Stage::Locking;
        self.attempts += 1;
    }

    pub(super) fn run(&mut self) {
        self.stage = Stage::Running;
    }

    pub(super) fn end(&mut self, ended: Ended) {
        self.took = Some(ended.took);
        self.output = ended.output;
        self.error = ended.result.err();
        self.stage = match self.error {
            Some(_) => Stage::Failed,
            None => Stage::Done,
        };
    }

    pub(super) fn health(&self) -> Health {
        let (status, word, description) = match self.stage {
            Stage::Waiting => (Status::OUT_OF_SERVICE, "waiting", "migration not begun"),
            Stage::Locking => (Status::OUT_OF_SERVICE, "locking", "waiting to migrate"),
            Stage::Running => (Status::OUT_OF_SERVICE, "running", "migrating"),
            Stage::Failed => (Status::DOWN, "failed", "the migration failed"),
            Stage::Done => (Status::UP, "done", ""),
        };
        Health::new(status)
            .description(description)
            .detail("state", word)
            .detail("attempts", self.attempts)
            .detail("durationMs", self.took.map(millis))
            .detail("output", self.output.clone())
            .detail("error", self.error.clone())
    }
}
