//! The logger behind the filter, which remembers every line and the task that wrote it.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex},
    time::Duration,
};

use health_rocket::NoLogFilter;
use log::{LevelFilter, Log, Metadata, Record};
use rocket::{Build, Rocket};
use tokio::{sync::MutexGuard, task::Id};

use crate::support::settings;

static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

static LOG: LazyLock<tokio::sync::Mutex<Captured>> = LazyLock::new(|| {
    NoLogFilter::new(Capture).install().unwrap();
    tokio::sync::Mutex::new(Captured)
});

#[derive(Clone, Debug)]
struct Line {
    task: Option<Id>,
    /// The target, which differs for lines that Rocket indents, and the text.
    text: String,
}

struct Capture;

impl Log for Capture {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let text = format!("{} {}: {}", record.level(), record.target(), record.args());
        LINES.lock().unwrap().push(Line {
            task: tokio::task::try_id(),
            text,
        });
    }

    fn flush(&self) {
        log::info!("flushed");
    }
}

/// What has been logged, for one test at a time.
pub(crate) struct Captured;

impl Captured {
    /// Waits for the tests before, and starts empty.
    pub(crate) async fn start() -> MutexGuard<'static, Self> {
        let captured = LOG.lock().await;
        log::set_max_level(LevelFilter::Info);
        captured.clear();
        captured
    }

    pub(crate) fn clear(&self) {
        LINES.lock().unwrap().clear();
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        LINES
            .lock()
            .unwrap()
            .iter()
            .map(|line| line.text.clone())
            .collect()
    }

    /// Returns the lines that requests wrote, in their order, by task.
    pub(crate) fn sets(&self) -> Vec<Vec<String>> {
        let mut sets: BTreeMap<Id, Vec<String>> = BTreeMap::new();
        for line in LINES.lock().unwrap().iter() {
            if let Some(task) = line.task {
                sets.entry(task).or_default().push(line.text.clone());
            }
        }
        let is_of_rocket =
            |set: &Vec<String>| set.iter().any(|line| line.contains("rocket::server"));
        let is_of_a_connection = |set: &Vec<String>| set[0].contains("Connection failed");
        let sets = sets.into_values();
        sets.filter(|set| is_of_rocket(set) && !is_of_a_connection(set))
            .collect()
    }

    /// Waits until something holds, which it must soon.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..5000 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("waited in vain for {what}: {:#?}", self.lines());
    }

    /// Waits for the lines of so many requests, and returns them.
    pub(crate) async fn until_complete(&self, requests: usize) -> Vec<Vec<String>> {
        self.until(&format!("{requests} requests"), |_| {
            let lines = LINES.lock().unwrap();
            lines.iter().filter(|line| is_last(&line.text)).count() >= requests
        })
        .await;
        self.sets()
    }
}

fn is_last(line: &str) -> bool {
    ["Response succeeded.", "Remote left", "Failed to write"]
        .iter()
        .any(|last| line.contains(last))
}

/// An application that logs as Rocket does.
pub(crate) fn logging() -> Rocket<Build> {
    rocket::custom(settings())
}
