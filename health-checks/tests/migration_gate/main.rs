//! Readiness is held until the migrations are done, however often they fail and whoever else runs
//! them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod locks;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use check_testing::{Folder, eventually};
use health_checks::{Command, MigrationGate, MigrationState};
use health_core::{Check, Component, Management, Request, Status};

const SOON: Duration = Duration::from_secs(20);

async fn status(gate: &MigrationState) -> Status {
    gate.check().await.unwrap().status().clone()
}

async fn detail(gate: &MigrationState, name: &str) -> String {
    let health = gate.check().await.unwrap();
    let value = health.details().get(name).cloned().unwrap_or_default();
    value.as_str().map_or_else(|| value.to_string(), Into::into)
}

/// Returns the code and the body of the readiness probe.
async fn readiness(management: &Management) -> (u16, String) {
    let headers = axum::http::HeaderMap::new();
    let request = Request::new("GET", "/z/health/readiness", &headers);
    let reply = management.respond(&request).await;
    let body = String::from_utf8(reply.body().to_vec()).unwrap();
    (reply.status().as_u16(), body)
}

#[tokio::test]
async fn readiness_is_held_with_the_reason_until_an_attempt_succeeds() {
    let attempts = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&attempts);
    let gate = MigrationGate::new(move || {
        let attempt = counted.fetch_add(1, Ordering::SeqCst);
        assert_ne!(attempt, 3, "a bug before anything is awaited");
        async move {
            match attempt {
                0 => Err("relation \"orders\" is locked"),
                1 => panic!("a bug"),
                2 => std::future::pending().await,
                _ => Ok(()),
            }
        }
    });
    let gate = gate
        .deadline(Duration::from_millis(300))
        .retry_after(Duration::from_millis(700))
        .start();
    let management = Management::builder("orders")
        .component(
            Component::new("migration", gate.clone())
                .ttl(Duration::ZERO)
                .readiness(),
        )
        .build()
        .unwrap();
    assert_eq!(readiness(&management).await.0, 503);
    for (attempt, error) in [
        (1, "relation \"orders\" is locked"),
        (2, "the migration panicked"),
        (3, "not done within 300ms"),
        (4, "the migration panicked"),
    ] {
        eventually(error, SOON, async || {
            detail(&gate, "attempts").await == attempt.to_string()
                && status(&gate).await == Status::DOWN
        })
        .await;
        assert_eq!(detail(&gate, "error").await, error);
        let (code, body) = readiness(&management).await;
        assert_eq!(code, 503, "{body}");
    }
    gate.done().await;
    assert_eq!(status(&gate).await, Status::UP);
    assert_eq!(readiness(&management).await.0, 200);
    assert_eq!(detail(&gate, "attempts").await, "5");

    gate.run_again();
    assert_eq!(status(&gate).await, Status::OUT_OF_SERVICE);
    gate.done().await;
    assert_eq!(attempts.load(Ordering::SeqCst), 6);
}

fn script(folder: &Folder, name: &str, text: &str) {
    let file = folder.write(name, text);
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn a_folder_s_program_runs_there_and_the_script_wins() {
    let folder = Folder::new("gate");
    assert!(MigrationGate::in_folder(folder.path()).is_err());
    script(&folder, "migrate", "#!/bin/sh\npwd\n");
    let gate = MigrationGate::in_folder(folder.path()).unwrap().start();
    gate.done().await;
    assert_eq!(
        detail(&gate, "output").await,
        folder.path().to_str().unwrap()
    );

    // Neither a shebang nor the right to execute counts, and a pipe fails where one part does.
    folder.write("migrate.sh", "#!/no/such\nfalse | cat\necho not reached\n");
    let gate = MigrationGate::in_folder(folder.path()).unwrap().start();
    eventually("it fails", SOON, async || {
        status(&gate).await == Status::DOWN
    })
    .await;
    assert!(!detail(&gate, "output").await.contains("not reached"));
}

#[tokio::test]
async fn what_a_program_prints_is_told_without_secrets() {
    let command = Command::new("sh")
        .args([
            "-c",
            "echo connecting as $PASSWORD; echo no such table >&2; exit 3",
        ])
        .secret_env("PASSWORD", "s3cret".to_owned().into());
    let gate = MigrationGate::command(command).start();
    eventually("it fails", SOON, async || {
        status(&gate).await == Status::DOWN
    })
    .await;
    let output = detail(&gate, "output").await;
    assert!(output.contains("connecting as ******"), "{output}");
    assert!(output.contains("no such table"), "{output}");
    assert!(detail(&gate, "error").await.contains('3'));
}

#[tokio::test]
async fn a_program_that_hangs_is_killed_and_so_is_that_of_a_dropped_gate() {
    let folder = Folder::new("gate-hang");
    let started = folder.file("started");
    let hang = format!("sleep 600 & echo $! > {started}; wait");
    let gate = || {
        MigrationGate::command(
            Command::new("sh")
                .args(["-c", hang.as_str()])
                .inherit_env("PATH"),
        )
    };
    let child = async || {
        eventually("it has started", SOON, async || {
            fs::read_to_string(&started).is_ok_and(|pid| pid.ends_with('\n'))
        })
        .await;
        let pid = fs::read_to_string(&started).unwrap();
        fs::remove_file(&started).unwrap();
        format!("/proc/{}", pid.trim())
    };
    let is_dead = async |process: &str| {
        let process = std::path::Path::new(process).to_owned();
        eventually("its child is dead", SOON, async || !process.exists()).await;
    };

    let hanging = gate().deadline(Duration::from_millis(500)).start();
    let process = child().await;
    eventually("it fails", SOON, async || {
        status(&hanging).await == Status::DOWN
    })
    .await;
    assert!(detail(&hanging, "error").await.contains("killed"));
    is_dead(&process).await;
    drop(hanging);

    let dropped = gate().start();
    let process = child().await;
    drop(dropped);
    is_dead(&process).await;
}
