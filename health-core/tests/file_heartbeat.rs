//! The file heartbeat, and the function that reads it.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails its test"
)]

mod outside;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use health_core::{
    Component, Health, LivenessState, Management, RuntimeWatch,
    probe::{ProbeError, heartbeat_file_is_fresh},
};
use outside::{client::PATIENCE, logs};

const MS: Duration = Duration::from_millis(1);
const AGE: Duration = Duration::from_secs(30);

/// A folder that is there until this is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("health-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.join("worker.health")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it never was so");
        thread::sleep(2 * MS);
    }
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn reason(result: Result<(), ProbeError>) -> String {
    result.expect_err("not fresh").to_string()
}

#[test]
fn the_file_follows_the_group() {
    let folder = Folder::new("follows");
    let file = folder.file();
    let management = Management::builder("worker").build().unwrap();
    let heartbeat = management
        .heartbeat_file(&file)
        .interval(10 * MS)
        .start()
        .unwrap();
    wait_until(|| heartbeat_file_is_fresh(&file, AGE).is_ok());
    let text = fs::read_to_string(&file).unwrap();
    let (time, status) = text.trim_end().split_once(' ').unwrap();
    assert!(
        status == "UP" && time.len() == 24 && time.ends_with('Z'),
        "{text}"
    );
    let first = modified(&file);
    wait_until(|| modified(&file) > first);

    management
        .availability()
        .set_liveness(LivenessState::Broken);
    wait_until(|| heartbeat_file_is_fresh(&file, AGE).is_err());
    assert_eq!(
        reason(heartbeat_file_is_fresh(&file, AGE)),
        "the worker is DOWN"
    );
    let last = modified(&file);
    let text = fs::read_to_string(&file).unwrap();
    wait_until(|| fs::read_to_string(&file).unwrap() != text);
    assert_eq!(modified(&file), last, "it is written on, and grows old");

    management
        .availability()
        .set_liveness(LivenessState::Correct);
    wait_until(|| heartbeat_file_is_fresh(&file, AGE).is_ok());
    assert!(modified(&file) > last);
    assert_eq!(
        fs::read_dir(&folder.0).unwrap().count(),
        1,
        "no draft is left"
    );
    drop(heartbeat);
    assert!(!file.exists());
}

#[test]
fn an_old_file_is_not_believed() {
    let folder = Folder::new("old");
    let file = folder.file();
    assert!(reason(heartbeat_file_is_fresh(&file, AGE)).contains("cannot be read: "));
    fs::write(&file, "2026-01-01T00:00:00.000Z UP\n").unwrap();
    assert!(heartbeat_file_is_fresh(&file, AGE).is_ok());
    let open = fs::File::options().write(true).open(&file).unwrap();
    open.set_modified(SystemTime::now() - AGE - MS).unwrap();
    assert!(reason(heartbeat_file_is_fresh(&file, AGE)).starts_with("the last heartbeat is 30"));
    open.set_modified(SystemTime::now() + AGE).unwrap();
    assert!(
        heartbeat_file_is_fresh(&file, AGE).is_ok(),
        "the clock was set back"
    );
    for foreign in [&b""[..], b"UP", b"\xff\xfe \xff"] {
        fs::write(&file, foreign).unwrap();
        assert!(
            reason(heartbeat_file_is_fresh(&file, AGE)).contains("cannot be read: "),
            "{foreign:?}"
        );
    }
}

/// The checks of another group run, in a process without a runtime.
#[test]
fn another_group_can_be_shown() {
    let folder = Folder::new("group");
    let file = folder.file();
    let management = Management::builder("worker")
        .component(Component::new("queue", || async { Health::out_of_service() }).readiness())
        .build()
        .unwrap();
    let _heartbeat = management
        .heartbeat_file(&file)
        .group("readiness")
        .interval(10 * MS)
        .start()
        .unwrap();
    wait_until(|| file.exists());
    assert_eq!(
        reason(heartbeat_file_is_fresh(&file, AGE)),
        "the worker is OUT_OF_SERVICE"
    );
    assert_eq!(modified(&file), SystemTime::UNIX_EPOCH, "it was never well");
}

#[test]
fn what_cannot_work_is_refused_at_the_start() {
    let folder = Folder::new("refused");
    let management = Management::builder("worker").build().unwrap();
    let error = management
        .heartbeat_file(folder.file())
        .group("nobody")
        .start()
        .unwrap_err();
    assert!(error.to_string().contains("`nobody`"), "{error}");
    let error = management
        .heartbeat_file(folder.0.join("no/worker.health"))
        .start()
        .unwrap_err();
    assert!(error.to_string().contains("no/worker.health"), "{error}");
}

#[test]
fn a_failure_to_write_is_reported_once() {
    logs::collect();
    let folder = Folder::new("vanishes");
    let file = folder.file();
    let management = Management::builder("worker").build().unwrap();
    let _heartbeat = management
        .heartbeat_file(&file)
        .interval(5 * MS)
        .start()
        .unwrap();
    wait_until(|| file.exists());
    while folder.0.exists() {
        _ = fs::remove_dir_all(&folder.0);
    }
    wait_until(|| !logs::with("cannot be written").is_empty());
    thread::sleep(50 * MS);
    assert_eq!(logs::with("cannot be written").len(), 1);
    fs::create_dir_all(&folder.0).unwrap();
    wait_until(|| heartbeat_file_is_fresh(&file, AGE).is_ok());
    wait_until(|| logs::with("is written again").len() == 1);
}

#[test]
fn a_wedged_runtime_stops_the_heart() {
    let folder = Folder::new("wedged");
    let file = folder.file();
    let watch = RuntimeWatch::default()
        .interval(20 * MS)
        .starved_after(100 * MS)
        .wedged_after(300 * MS);
    let management = Management::builder("worker")
        .runtime_watch(watch)
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let _heartbeat = management
            .heartbeat_file(&file)
            .interval(10 * MS)
            .start()
            .unwrap();
        tokio::time::timeout(PATIENCE, async {
            while heartbeat_file_is_fresh(&file, AGE).is_err() {
                tokio::time::sleep(5 * MS).await;
            }
        })
        .await
        .expect("a first beat");
        let blocked = Instant::now();
        wait_until(|| heartbeat_file_is_fresh(&file, AGE).is_err());
        assert!(
            blocked.elapsed() >= 280 * MS,
            "after {:?}",
            blocked.elapsed()
        );
        tokio::time::timeout(PATIENCE, async {
            while heartbeat_file_is_fresh(&file, AGE).is_err() {
                tokio::time::sleep(5 * MS).await;
            }
        })
        .await
        .expect("it recovers");
    });
}
