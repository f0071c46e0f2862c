//! Changes of status as events.

use std::sync::Arc;

use health_core::{
    Check, CheckResult, Component, Health, Management, READINESS, async_trait, test_util::Script,
};
use tokio::sync::broadcast::error::RecvError;

use crate::support::{every, get, management, secs, settle, with};

fn kept(management: &Management) -> Vec<String> {
    let transitions = management.last_transitions();
    let line = |transition: &Arc<health_core::Transition>| {
        let from = transition.from.as_ref().map_or("-", |from| from.code());
        let reason = transition.reason.as_deref().unwrap_or("-");
        format!("{} {from} {} {reason}", transition.component, transition.to)
    };
    transitions.iter().map(line).collect()
}

async fn ask_often(management: &Management, times: usize) {
    for _ in 0..times {
        get(management, "/z/health").await;
    }
}

#[tokio::test(start_paused = true)]
async fn each_change_is_one_and_equal_results_are_none() {
    let statuses = ["UP", "UP", "DOWN", "DOWN", "OUT_OF_SERVICE", "UP"];
    let management = with(Component::new("db", Script::sequence(statuses)));
    assert_eq!(kept(&management), Vec::<String>::new());
    ask_often(&management, 20).await;
    let expected = [
        "db - UP -",
        "db UP DOWN -",
        "db DOWN OUT_OF_SERVICE -",
        "db OUT_OF_SERVICE UP -",
    ];
    assert_eq!(kept(&management), expected);
}

#[tokio::test(start_paused = true)]
async fn the_reason_is_the_checks_own() {
    let described = Health::out_of_service().description("moving house");
    for (name, script, expected) in [
        ("error", Script::error("refused"), "pair/db - DOWN refused"),
        (
            "panic",
            Script::panic("kaboom"),
            "pair/db - DOWN panicked: kaboom",
        ),
        (
            "deadline",
            Script::hang(),
            "pair/db - DOWN gave no result within 800 ms",
        ),
        (
            "description",
            Script::health(described),
            "pair/db - OUT_OF_SERVICE moving house",
        ),
    ] {
        let management = with(Component::composite("pair", [Component::new("db", script)]));
        ask_often(&management, 2).await;
        assert_eq!(kept(&management), [expected], "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_held_back_by_a_threshold_is_none() {
    let script = Script::sequence(["UP", "DOWN", "UP", "DOWN", "DOWN", "UP"]);
    let management = with(Component::new("db", script).failure_threshold(2));
    ask_often(&management, 10).await;
    assert_eq!(
        kept(&management),
        ["db - UP -", "db UP DOWN -", "db DOWN UP -"]
    );
}

fn flapping(kept: usize) -> Management {
    let statuses = (0..100).map(|run| if run % 2 == 0 { "UP" } else { "DOWN" });
    management(|builder| {
        builder
            .transitions_kept(kept)
            .check("db", Script::sequence(statuses))
    })
}

#[tokio::test(start_paused = true)]
async fn only_the_last_ones_are_kept() {
    for (limit, expected) in [(0, 0), (1, 1), (7, 7), (500, 100)] {
        let management = flapping(limit);
        ask_often(&management, 120).await;
        let kept = kept(&management);
        assert_eq!(kept.len(), expected);
        assert!(
            kept.last().is_none_or(|last| last == "db UP DOWN -"),
            "the last of a hundred: {kept:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn watchers_see_each_change_and_nothing_else() {
    let management = flapping(10);
    let mut watch = management.watch();
    assert!(!watch.has_changed().expect("alive"));
    for expected in 1..=5 {
        ask_often(&management, 1).await;
        assert!(watch.has_changed().expect("alive"));
        assert_eq!(*watch.borrow_and_update(), expected);
    }
    let idle = with(Component::new("db", Script::up()));
    ask_often(&idle, 10).await;
    assert_eq!(*idle.watch().borrow(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_is_woken_by_the_background() {
    let script = Script::sequence(["UP", "UP", "DOWN"]);
    let management = with(Component::new("db", script).background(every(secs(1))));
    let mut watch = management.watch();
    watch.changed().await.expect("the first result");
    watch.changed().await.expect("the failure");
    assert_eq!(kept(&management), ["db - UP -", "db UP DOWN -"]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_lags_misses_the_oldest_and_is_told_how_many() {
    let management = flapping(8);
    let (mut quick, mut slow) = (management.transitions(), management.transitions());
    for _ in 0..20 {
        ask_often(&management, 1).await;
        quick.recv().await.expect("one for each run");
    }
    assert!(matches!(slow.recv().await, Err(RecvError::Lagged(12))));
    let next = slow.recv().await.expect("what is left");
    assert_eq!((next.component.as_str(), next.to.code()), ("db", "UP"));
    drop(management);
    settle().await;
    for _ in 0..7 {
        slow.recv().await.expect("what was sent before");
    }
    assert!(matches!(slow.recv().await, Err(RecvError::Closed)));
}

/// Asks one thing for the whole and another for readiness, as a service dependency does.
struct AsksPerGroup;

#[async_trait]
impl Check for AsksPerGroup {
    async fn check(&self) -> CheckResult {
        Ok(Health::up())
    }

    fn for_group(&self, group: &str) -> Option<Arc<dyn Check>> {
        let check: Arc<dyn Check> = Arc::new(Script::down());
        (group == READINESS).then_some(check)
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_one_group_names_it() {
    let management = with(Component::new("users", AsksPerGroup).readiness());
    get(&management, "/z/health").await;
    get(&management, "/z/health/readiness").await;
    let transitions = management.last_transitions();
    let named = transitions
        .iter()
        .map(|transition| (transition.group.as_deref(), transition.to.code()));
    let named: Vec<_> = named.collect();
    assert_eq!(named, [(None, "UP"), (Some("readiness"), "DOWN")]);
}

#[tokio::test(start_paused = true)]
async fn a_reason_of_any_length_is_kept_short() {
    let long = "ü".repeat(30_000);
    let management = with(Component::new("db", move || {
        let health = Health::down().detail("error", long.as_str());
        async move { health }
    }));
    let shown = get(&management, "/z/health/db").await;
    assert_eq!(
        shown.text("/details/error").len(),
        60_000,
        "here it is whole"
    );
    let transitions = management.last_transitions();
    let reason = transitions[0].reason.as_deref().unwrap_or_default();
    assert!((1_000..=1_024).contains(&reason.len()), "{}", reason.len());
    assert!(reason.starts_with("üü"));
}
