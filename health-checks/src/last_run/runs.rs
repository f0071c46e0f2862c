//! How the runs of a job are recorded.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use tokio::time::Instant;

use super::{history::History, store};
use crate::SettingError;

/// The reason of a failure is cut after as many characters.
const LONGEST_REASON: usize = 1000;

/// By which the runs of a job are recorded; clones record the same job.
#[derive(Clone)]
pub struct Runs(pub(super) Arc<Record>);

impl Runs {
    /// Begins a run. It has failed unless [`Run::succeeded`] says otherwise, also when it is dropped
    /// because of a panic or because its task was aborted.
    #[must_use = "dropping it says that the run failed"]
    pub fn begin(&self) -> Run {
        let mut state = self.0.state();
        state.begun += 1;
        let number = state.begun;
        let started = Instant::now();
        state.history.running.insert(number, started);
        Run {
            record: Arc::clone(&self.0),
            number,
            started,
            is_told: false,
        }
    }

    /// Records one run: `Ok` has succeeded, `Err` has failed with its text as the reason.
    ///
    /// # Security
    /// The reason is a detail of the check: take [`Runs::begin`] where an error may hold a secret.
    ///
    /// # Errors
    /// Returns what the run returned.
    ///
    /// # Cancel safety
    /// A run that is dropped before its end has failed.
    pub async fn record<T, E: fmt::Display>(
        &self,
        run: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let under_way = self.begin();
        let result = run.await;
        match &result {
            Ok(_) => under_way.succeeded(),
            Err(error) => under_way.failed(error),
        }
        result
    }
}

impl fmt::Debug for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Runs").finish_non_exhaustive()
    }
}

/// A run under way.
#[must_use = "dropping it says that the run failed"]
pub struct Run {
    record: Arc<Record>,
    number: u64,
    started: Instant,
    is_told: bool,
}

impl Run {
    /// Says that the run has succeeded.
    ///
    /// With [`LastRun::file`](super::LastRun::file) this writes a small file, and so may block for
    /// a moment.
    pub fn succeeded(mut self) {
        self.end(Ok(()));
    }

    /// Says that the run has failed, and why.
    ///
    /// # Security
    /// The reason is a detail of the check.
    pub fn failed(mut self, reason: impl fmt::Display) {
        self.end(Err(reason.to_string()));
    }

    fn end(&mut self, result: Result<(), String>) {
        self.is_told = true;
        let took = self.started.elapsed();
        self.record.end(self.number, |history| match result {
            Ok(()) => history.succeeded(took),
            Err(reason) => history.failed(took, reason.chars().take(LONGEST_REASON).collect()),
        });
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if self.is_told {
            return;
        }
        let reason = if thread::panicking() {
            "it panicked"
        } else {
            "it was given up before its end"
        };
        self.end(Err(reason.to_owned()));
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// What the job and the check share.
#[derive(Default)]
pub(super) struct Record {
    state: Mutex<State>,
    /// Held while the file is written, so that a slow disk keeps the job waiting, not the check.
    writing: Mutex<()>,
}

#[derive(Default)]
struct State {
    history: History,
    begun: u64,
    file: Option<PathBuf>,
}

impl Record {
    pub(super) fn history(&self) -> History {
        self.state().history.clone()
    }

    /// Keeps the history in a file from now on, after reading what is there.
    pub(super) fn keep_in(&self, path: PathBuf) -> Result<(), SettingError> {
        store::folder_exists(&path)?;
        let mut state = self.state();
        state.history.file_error = store::load(&path, &mut state.history)
            .err()
            .map(|error| format!("cannot be read: {error}"));
        state.file = Some(path);
        Ok(())
    }

    fn end(&self, number: u64, change: impl FnOnce(&mut History)) {
        let mut state = self.state();
        state.history.running.remove(&number);
        change(&mut state.history);
        let file = state.file.clone();
        drop(state);
        if let Some(path) = file {
            let _writing = lock(&self.writing);
            let error = store::save(&path, &self.history()).err();
            self.state().history.file_error =
                error.map(|error| format!("cannot be written: {error}"));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
