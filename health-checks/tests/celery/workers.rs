//! What is the same on both brokers.

use check_testing::{eventually, servers::celery::Worker};
use health_checks::Celery;
use serde_json::Value;

use crate::{NAMES, PATIENT, SHORT, ask};

fn error(answer: &Value) -> &str {
    answer["details"]["error"].as_str().unwrap_or_default()
}

fn error_of<'a>(answer: &'a Value, name: &str) -> &'a str {
    let component = &answer["components"][name];
    component["details"]["error"].as_str().unwrap_or_default()
}

/// Waits for workers, who say that they are ready a moment before they listen.
pub(crate) async fn are_there(check: impl Fn() -> Celery, count: usize) {
    eventually("the workers listen", PATIENT, async || {
        ask(SHORT, check().min_workers(count)).await["status"] == "UP"
    })
    .await;
}

/// While two workers are well.
pub(crate) async fn are_well(check: impl Fn() -> Celery) {
    are_there(&check, 2).await;
    let named = check().worker(NAMES[0]).worker(NAMES[1]);
    let cases = [
        ("named", PATIENT, named),
        ("counted", PATIENT, check().min_workers(2)),
        ("any", PATIENT, check()),
    ];
    for (name, deadline, check) in cases {
        let answer = ask(deadline, check).await;
        assert_eq!(answer["status"], "UP", "{name}: {answer}");
        assert_eq!(answer["details"]["workers"], 2, "{name}: {answer}");
        for worker in NAMES {
            let component = &answer["components"][worker];
            assert_eq!(component["status"], "UP", "{name}: {answer}");
            assert!(
                component["details"]["latencyMs"].is_u64(),
                "{name}: {answer}"
            );
        }
    }
    let answer = ask(SHORT, check().min_workers(3)).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(
        error(&answer),
        "2 workers answered well, at least 3 have to"
    );
    assert_eq!(answer["details"]["minWorkers"], 3);

    let answer = ask(SHORT, check().worker(NAMES[0]).worker("w3@here")).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(error(&answer), "missing: `w3@here`");
    assert_eq!(answer["components"][NAMES[0]]["status"], "UP", "{answer}");
    assert_eq!(
        error_of(&answer, "w3@here"),
        "the worker is not connected to the broker"
    );

    let answer = ask(SHORT, check().control_exchange("nobodys")).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(error(&answer), "no worker is connected to the broker");
    let answer = ask(SHORT, check().control_exchange("nobodys").worker("w1@here")).await;
    assert_eq!(
        error_of(&answer, "w1@here"),
        "the worker is not connected to the broker",
        "{answer}"
    );
}

/// While the second worker is stopped; `silent` is what is told of it.
pub(crate) async fn one_is_stopped(check: impl Fn() -> Celery, stopped: &Worker, silent: &str) {
    stopped.process().signal("STOP");
    let answer = ask(SHORT, check().worker(NAMES[0]).worker(NAMES[1])).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(error(&answer), format!("missing: `{}`", NAMES[1]));
    assert_eq!(answer["components"][NAMES[0]]["status"], "UP", "{answer}");
    let told = error_of(&answer, NAMES[1]);
    assert!(
        told.starts_with(silent) && told.ends_with(" ms"),
        "{answer}"
    );
    let answer = ask(SHORT, check().worker(NAMES[1])).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    let answer = ask(SHORT, check()).await;
    assert_eq!(answer["status"], "UP", "{answer}");
    assert_eq!(answer["details"]["workers"], 1, "{answer}");

    stopped.process().signal("CONT");
    let answer = ask(PATIENT, check().worker(NAMES[0]).worker(NAMES[1])).await;
    assert_eq!(answer["status"], "UP", "{answer}");
}

/// When all are stopped.
pub(crate) async fn all_are_stopped(check: impl Fn() -> Celery, workers: &[Worker], told: &str) {
    for worker in workers {
        worker.process().signal("STOP");
    }
    let answer = ask(SHORT, check()).await;
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert!(error(&answer).starts_with(told), "{answer}");
    for worker in workers {
        worker.process().signal("CONT");
    }
    let answer = ask(PATIENT, check().min_workers(workers.len())).await;
    assert_eq!(answer["status"], "UP", "{answer}");
}

/// When the second worker was killed.
pub(crate) async fn one_is_dead(check: impl Fn() -> Celery) {
    let both = || check().worker(NAMES[0]).worker(NAMES[1]);
    let mut answer = ask(SHORT, both()).await;
    for _ in 0..20 {
        if error_of(&answer, NAMES[1]) == "the worker is not connected to the broker" {
            break;
        }
        answer = ask(SHORT, both()).await;
    }
    assert_eq!(
        error_of(&answer, NAMES[1]),
        "the worker is not connected to the broker",
        "{answer}"
    );
    assert_eq!(answer["status"], "DOWN", "{answer}");
    assert_eq!(answer["components"][NAMES[1]]["status"], "DOWN");
    assert_eq!(answer["components"][NAMES[0]]["status"], "UP");
}
