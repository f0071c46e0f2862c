//! Nothing of ours goes on when the last handle is dropped. In a process of its own: it counts the
//! threads.

#![cfg(target_os = "linux")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that panics fails its test"
)]

mod outside;

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use health_core::{Component, Health, Management, Refresh};
use outside::client::{PATIENCE, get};

/// Returns the names of the threads that are ours.
fn threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let names = names.map(|name| name.trim().to_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("health-")).collect();
    names.sort();
    names
}

#[test]
fn no_thread_outlives_the_last_handle() {
    let file = std::env::temp_dir().join(format!("threads-end-{}.health", std::process::id()));
    let check = || async { Health::up() };
    let background =
        Component::new("db", check).background(Refresh::every(Duration::from_millis(5)));
    let management = Management::builder("worker")
        .component(background)
        .build()
        .unwrap();
    let server = management.serve_on("127.0.0.1:0").unwrap();
    let heartbeat = management.heartbeat_file(&file).start().unwrap();
    assert_eq!(get(server.address(), "/z/health/ping").code, 200);
    assert_eq!(
        threads(),
        [
            "health-checks",
            "health-file",
            "health-server",
            "health-watch"
        ]
    );

    drop(heartbeat);
    assert!(!file.exists());
    drop(server);
    wait_for(&["health-checks", "health-watch"]); // they serve the management itself
    drop(management);
    wait_for(&[]);
}

/// A thread is seen for a moment after it has let everything go.
#[track_caller]
fn wait_for(expected: &[&str]) {
    let start = Instant::now();
    while threads() != expected {
        assert!(start.elapsed() < PATIENCE, "{:?}", threads());
        thread::sleep(Duration::from_millis(2));
    }
}
