//! Checks that run by themselves.

use health_core::{
    Component, Impact, Management, Refresh, Status,
    test_util::{Runs, Script},
};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    logs::Logs,
    support::{Gate, Starts, every, get, ms, secs, settle, with},
};

#[tokio::test(start_paused = true)]
async fn it_starts_with_the_application_and_questions_cost_no_run() {
    let runs = Runs::default();
    let management =
        with(Component::new("db", runs.count(Script::up())).background(every(secs(10))));
    settle().await;
    assert_eq!(runs.started(), 1, "nobody has asked");
    for _ in 0..100 {
        assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));
    }
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_interval_is_from_start_to_start() {
    let starts = Starts::default();
    let db =
        Component::new("db", starts.note(Script::up().after(ms(300)))).background(every(secs(10)));
    let _management = with(db);
    sleep(secs(41)).await;
    assert_eq!(starts.distances(), [10_000; 4]);
}

#[tokio::test(start_paused = true)]
async fn the_jitter_makes_starts_later_within_its_bound() {
    let starts = Starts::default();
    let refresh = Refresh::every(ms(1_000)).jitter_percent(50);
    let _management = with(Component::new("db", starts.note(Script::up())).background(refresh));
    sleep(secs(100)).await;
    let mut distances = starts.distances();
    assert!(distances.len() >= 60, "{distances:?}");
    assert!(
        distances
            .iter()
            .all(|distance| (1_000..=1_501).contains(distance)),
        "{distances:?}"
    );
    distances.sort_unstable();
    distances.dedup();
    assert!(distances.len() > 10, "chance has a say: {distances:?}");
}

#[tokio::test(start_paused = true)]
async fn before_its_initial_delay_it_is_out_of_service() {
    let runs = Runs::default();
    let refresh = every(secs(10)).initial_delay(secs(5));
    let management = with(Component::new("db", runs.count(Script::up())).background(refresh));
    for pause in [0, 4_999] {
        sleep(ms(pause)).await;
        let answer = get(&management, "/z/health/db").await;
        assert_eq!(answer.outcome(), (503, "OUT_OF_SERVICE"));
        assert_eq!(answer.text("/description"), "has not run yet");
        assert_eq!(runs.started(), 0);
    }
    sleep(ms(2)).await;
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (200, "UP")
    );
}

#[tokio::test(start_paused = true)]
async fn a_question_during_the_first_run_waits_for_it() {
    let runs = Runs::default();
    let db =
        Component::new("db", runs.count(Script::up().after(ms(300)))).background(every(secs(10)));
    let management = with(db);
    sleep(ms(100)).await;
    let asked = Instant::now();
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (200, "UP")
    );
    assert!(
        (ms(199)..=ms(202)).contains(&asked.elapsed()),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn later_questions_are_answered_from_the_last_result_while_it_runs() {
    let runs = Runs::default();
    let check = crate::support::Dawdles::new([1, 700]);
    let management = with(Component::new("db", runs.count(check)).background(every(secs(1))));
    sleep(ms(1_100)).await;
    assert_eq!(runs.under_way(), 1);
    let asked = Instant::now();
    assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));
    assert_eq!(asked.elapsed(), ms(0));
}

#[tokio::test(start_paused = true)]
async fn the_slower_interval_holds_while_the_check_fails_and_no_longer() {
    let starts = Starts::default();
    let script = Script::sequence(["UP", "DOWN", "DOWN", "UP"]);
    let refresh = every(secs(1)).while_down(secs(5));
    let _management = with(Component::new("db", starts.note(script)).background(refresh));
    sleep(ms(14_500)).await;
    assert_eq!(
        starts.distances(),
        [1_000, 5_000, 5_000, 1_000, 1_000, 1_000]
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_longer_than_its_interval_is_not_doubled() {
    let runs = Runs::default();
    let db =
        Component::new("db", runs.count(Script::up().after(ms(350)))).background(every(ms(100)));
    let _management = with(db);
    sleep(ms(1_000)).await;
    assert_eq!(
        (runs.started(), runs.most_at_once()),
        (3, 1),
        "at 0, 400 and 800 ms"
    );
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_old_counts_as_down_until_there_is_a_new_one() {
    let gate = Gate::default();
    let refresh = every(secs(1)).stale_after(secs(2));
    let db = Component::new("db", gate.clone())
        .deadline(secs(60))
        .background(refresh);
    let management = with(db);
    settle().await;
    gate.close();
    sleep(ms(1_999)).await;
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (200, "UP"),
        "as old as it may be"
    );

    sleep(ms(1)).await;
    for _ in 0..3 {
        let answer = get(&management, "/z/health").await;
        assert_eq!(answer.outcome(), (503, "DOWN"));
        let error = answer.text("/components/db/details/error");
        assert_eq!(
            error,
            "stale: the last result is 2001 ms old and may be 2000 ms old at the most"
        );
    }

    gate.open();
    sleep(ms(10)).await;
    assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));
    let transitions = management.last_transitions();
    let statuses: Vec<&str> = transitions
        .iter()
        .map(|transition| transition.to.code())
        .collect();
    assert_eq!(statuses, ["UP", "DOWN", "UP"]);
    let reason = transitions[1].reason.as_deref().unwrap_or_default();
    assert!(reason.starts_with("stale: "), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_old_is_noticed_though_nobody_asks() {
    let gate = Gate::default();
    let db = Component::new("db", gate.clone())
        .deadline(secs(60))
        .impact(Impact::FailsAfter(secs(5)))
        .background(every(ms(700)).stale_after(secs(2)));
    let management = with(db);
    let mut changes = management.watch();
    settle().await;
    gate.close();
    let closed = Instant::now();
    changes.mark_unchanged();
    let waited = timeout(secs(60), changes.changed()).await;
    assert!(waited.is_ok(), "nobody noticed");
    // A result that came just before the gate closed is good for 2 s.
    let took = closed.elapsed();
    assert!((ms(1_999)..=ms(2_001)).contains(&took), "{took:?}");
    let transitions = management.last_transitions();
    let last = transitions.last().expect("one");
    assert_eq!((&*last.component, last.to.code()), ("db", "DOWN"));
    let snapshot = management.snapshot();
    let db = snapshot.iter().find(|state| state.component == "db");
    let db = db.expect("is there");
    assert_eq!(db.status.as_ref().map(Status::code), Some("DOWN"));
    let reason = db.reason.as_deref().unwrap_or_default();
    assert!(reason.starts_with("stale: "), "{reason}");
    assert_eq!(db.age, Some(took + ms(1)), "of the last result");

    sleep(ms(4_900)).await;
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (200, "DEGRADED")
    );
    sleep(ms(100)).await;
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (503, "DOWN"),
        "it fails since it is stale, not since somebody asked"
    );
    let told = management.last_transitions().len();
    assert_eq!(told, transitions.len(), "once is enough");
}

#[test]
fn built_outside_of_a_runtime_it_starts_with_the_first_question() {
    let runs = Runs::default();
    let management =
        with(Component::new("db", runs.count(Script::up())).background(every(secs(10))));
    assert_eq!(runs.started(), 0);
    let runtime = runtime();
    runtime.block_on(async {
        let answer = get(&management, "/z/health/db").await;
        assert_eq!(answer.text("/description"), "has not run yet");
        settle().await;
        assert_eq!(
            get(&management, "/z/health/db").await.outcome(),
            (200, "UP")
        );
    });
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_stops_everything() {
    let (hanging, ending) = (Runs::default(), Runs::default());
    let management = crate::support::management(|builder| {
        let hangs = Component::new("hangs", hanging.count(Script::hang())).deadline(secs(300));
        builder
            .component(hangs.background(every(secs(1)).stale_after(secs(900))))
            .component(
                Component::new("ends", ending.count(Script::up())).background(every(secs(1))),
            )
    });
    settle().await;
    let clone = management.clone();
    drop(management);
    sleep(secs(3)).await;
    assert_eq!(
        (hanging.under_way(), ending.started()),
        (1, 4),
        "one handle is left"
    );

    drop(clone);
    settle().await;
    assert_eq!(hanging.under_way(), 0);
    sleep(secs(600)).await;
    assert_eq!((hanging.started(), ending.started()), (1, 4));
}

#[test]
fn it_is_started_anew_and_reported_when_its_runtime_has_ended() {
    let logs = Logs::capture();
    let runs = Runs::default();
    let first = runtime();
    let management: Management = first.block_on(async {
        let management =
            with(Component::new("db", runs.count(Script::up())).background(every(secs(60))));
        settle().await;
        management
    });
    assert_eq!(runs.started(), 1);
    drop(first);
    runtime().block_on(async {
        get(&management, "/z/health").await;
        settle().await;
        assert_eq!(runs.started(), 2);
        assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));
    });
    assert_eq!(
        logs.count("ERROR the background refresh has died with its runtime"),
        1,
        "{logs:?}"
    );
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime")
}
