//! What the tests of this folder share: fake file trees, and captured warnings.

use std::{
    env,
    ffi::OsString,
    fmt::{Debug, Write},
    fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::source::{Source, System};

/// A temporary folder that stands for the root of a file system; dropping it removes it.
pub(super) struct Tree(PathBuf);

impl Tree {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("health-core-info-{}-{count}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, named by its path as the code under test sees it.
    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let file = self.0.join(path.trim_start_matches('/'));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    /// Makes a source of this tree alone: no environment, no arguments, a silent system.
    pub(super) fn source(&self) -> Source {
        self.source_with(&[])
    }

    /// Makes a source of this tree and an environment.
    pub(super) fn source_with(&self, vars: &[(&str, &str)]) -> Source {
        let vars: Vec<(String, OsString)> = vars
            .iter()
            .map(|(name, value)| ((*name).to_owned(), OsString::from(value)))
            .collect();
        Source {
            root: self.0.clone(),
            env: Box::new(move |name| {
                let found = vars.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone())
            }),
            args: Vec::new(),
            executable: None,
            working_directory: None,
            system: Box::new(Silent),
        }
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct Silent;

impl System for Silent {}

/// Runs a closure and gives the warnings that it emitted, each as one line of its fields.
pub(super) fn warnings<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let result = tracing::subscriber::with_default(Capture(Arc::clone(&lines)), run);
    let lines = lines.lock().unwrap().clone();
    (result, lines)
}

struct Capture(Arc<Mutex<Vec<String>>>);

impl Subscriber for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::WARN {
            let mut line = Line(String::new());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}
