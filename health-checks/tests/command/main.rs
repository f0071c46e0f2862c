//! The command check, with real programs.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "the setting for tests does not cover what they share"
)]

mod environment;
mod left_over;
mod limits;
mod meaning;
mod starting;

use std::{
    fs,
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use check_testing::wait_until;
use health_checks::Command;
use health_core::{Check, Component, Management, Request, Show};
use serde_json::Value;

/// Longer than any program here takes on a busy machine.
const PATIENTLY: Duration = Duration::from_secs(20);

/// Runs a test while no other of this process runs, since they count processes and descriptors; in
/// a process that inherits orphans, as the first one of a container does.
fn alone<F: Future>(test: F) -> F::Output {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(test)
}

fn sh(script: &str) -> Command {
    Command::new("sh").args(["-c", script]).inherit_env("PATH")
}

/// Asks through an engine.
async fn ask(check: impl Check) -> Value {
    let management = management(check);
    let headers = axum::http::HeaderMap::new();
    let request = Request::new("GET", "/z/health/it", &headers);
    let reply = management.respond(&request).await;
    serde_json::from_slice(reply.body()).unwrap()
}

fn management(check: impl Check) -> Management {
    Management::builder("test")
        .component(Component::new("it", check).ttl(Duration::ZERO))
        .deadline(PATIENTLY)
        .show_details(Show::Always)
        .build()
        .unwrap()
}

/// Returns the details without those that differ from run to run.
fn details(answer: &Value) -> Value {
    let mut details = answer["details"].clone();
    if let Some(details) = details.as_object_mut() {
        details.remove("durationMs");
        details.remove("command");
    }
    details
}

/// Returns `pid (name) state` of each child of this process, dead or alive, but for the processes
/// that remove folders.
fn children() -> Vec<String> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let processes = processes.filter_map(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let (name, rest) = stat.rsplit_once(") ")?;
        let mut words = rest.split(' ');
        let (state, parent) = (words.next()?, words.next()?);
        let is_child = parent.parse() == Ok(std::process::id());
        let line = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        (is_child && !line.contains("read -r _;")).then(|| format!("{name}) {state}"))
    });
    processes.collect()
}

/// Tells how many threads wait for a command.
fn keepers() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = threads.filter_map(|it| fs::read_to_string(it.path().join("comm")).ok());
    names.filter(|name| name.trim() == "health-command").count()
}

#[track_caller]
fn wait_until_nothing_is_left() {
    wait_until("nothing is left", PATIENTLY, || {
        keepers() == 0 && children().is_empty()
    });
}

#[track_caller]
fn wait_until_gone(pid: &str) {
    let pid: u32 = pid.trim().parse().unwrap();
    let process = format!("/proc/{pid}");
    let is_gone = || !Path::new(&process).exists();
    wait_until("the process is gone", Duration::from_secs(10), is_gone);
}
