//! What a failing component means for the whole.

use health_core::{Component, Group, Impact, test_util::Script};
use tokio::time::sleep;

use crate::support::{Gate, every, get, management, ms, secs, settle, with};

#[tokio::test(start_paused = true)]
async fn a_non_critical_failure_is_shown_and_changes_nothing() {
    for (name, script) in [
        ("down", Script::down()),
        ("out of service", Script::sequence(["OUT_OF_SERVICE"])),
        ("error", Script::error("refused")),
        ("panic", Script::panic("no")),
        ("hangs", Script::hang()),
    ] {
        let db = Component::new("db", script).non_critical();
        let management = management(|builder| {
            builder
                .component(db.readiness())
                .group(Group::new("data").include(["db"]))
        });
        for path in ["/z/health", "/z/health/readiness", "/z/health/data"] {
            assert_eq!(
                get(&management, path).await.outcome(),
                (200, "UP"),
                "{name}: {path}"
            );
        }
        let answer = get(&management, "/z/health").await;
        assert_ne!(answer.text("/components/db/status"), "UP", "{name}");
        assert_eq!(get(&management, "/z/health/db").await.code, 503, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_non_critical_component_without_a_result_of_its_own_changes_nothing_either() {
    let gate = Gate::default();
    let refresh = every(secs(1)).stale_after(secs(2));
    let stale = Component::new("stale", gate.clone())
        .deadline(secs(60))
        .background(refresh);
    let late =
        Component::new("late", Script::up()).background(every(secs(1)).initial_delay(secs(60)));
    let management = management(|builder| {
        builder
            .component(stale.non_critical())
            .component(late.non_critical())
            .component(Component::new("out", Script::up()).non_critical())
    });
    settle().await;
    gate.close();
    management
        .take_out_of_service("out", "moving", secs(60))
        .expect("is there");
    sleep(secs(5)).await;
    let answer = get(&management, "/z/health").await;
    let statuses =
        ["stale", "late", "out"].map(|name| answer.text(&format!("/components/{name}/status")));
    assert_eq!(statuses, ["DOWN", "OUT_OF_SERVICE", "OUT_OF_SERVICE"]);
    assert_eq!(answer.outcome(), (200, "UP"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_degrades_at_once_and_fails_after_its_time() {
    type Kept = fn(Component) -> Component;
    let cases: [(&str, Kept); 3] = [
        ("asked each time", |component| component),
        ("asked once", |component| component.ttl(secs(3_600))),
        ("in the background", |component| {
            component.background(every(secs(1)))
        }),
    ];
    for (name, kept) in cases {
        let db = Component::new("db", Script::down()).impact(Impact::FailsAfter(secs(10)));
        let management = management(|builder| {
            builder
                .component(kept(db).readiness())
                .group(Group::new("data").include(["db"]))
        });
        settle().await;
        get(&management, "/z/health").await;
        for (pause, outcome) in [
            (0, (200, "DEGRADED")),
            (9_990, (200, "DEGRADED")),
            (10, (503, "DOWN")),
        ] {
            sleep(ms(pause)).await;
            for path in ["/z/health", "/z/health/readiness", "/z/health/data"] {
                assert_eq!(
                    get(&management, path).await.outcome(),
                    outcome,
                    "{name}: {path}, {pause} ms on"
                );
            }
            let answer = get(&management, "/z/health").await;
            assert_eq!(answer.text("/components/db/status"), "DOWN", "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_starts_anew_after_a_success() {
    let script = Script::sequence(["DOWN", "DOWN", "UP", "DOWN", "DOWN"]);
    let management = with(Component::new("db", script).impact(Impact::FailsAfter(secs(10))));
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(
            get(&management, "/z/health")
                .await
                .text("/status")
                .to_owned(),
        );
        sleep(secs(6)).await;
    }
    assert_eq!(
        seen,
        ["DEGRADED", "DEGRADED", "UP", "DEGRADED", "DEGRADED", "DOWN"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_result_degrades_before_it_fails_too() {
    let gate = Gate::default();
    let refresh = every(secs(1)).stale_after(secs(2));
    let db = Component::new("db", gate.clone())
        .deadline(secs(600))
        .background(refresh);
    let management = with(db.impact(Impact::FailsAfter(secs(10))));
    settle().await;
    gate.close();
    for (pause, outcome) in [
        (1, (200, "UP")),
        (2, (200, "DEGRADED")),
        (8, (200, "DEGRADED")),
        (2, (503, "DOWN")),
    ] {
        sleep(secs(pause)).await;
        assert_eq!(
            get(&management, "/z/health").await.outcome(),
            outcome,
            "{pause} s on"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn degraded_ranks_between_up_and_out_of_service() {
    let cases = [
        ("UP", (200, "DEGRADED")),
        ("UNKNOWN", (200, "DEGRADED")),
        ("OUT_OF_SERVICE", (503, "OUT_OF_SERVICE")),
        ("DOWN", (503, "DOWN")),
    ];
    for (other, outcome) in cases {
        let db = Component::new("db", Script::down()).impact(Impact::FailsAfter(secs(10)));
        let own = Group::new("own").status_order(["DOWN", "OUT_OF_SERVICE", "UP", "UNKNOWN"]);
        let management = management(|builder| {
            builder
                .component(db)
                .check("other", Script::sequence([other]))
                .group(own)
        });
        for path in ["/z/health", "/z/health/own"] {
            assert_eq!(
                get(&management, path).await.outcome(),
                outcome,
                "{path} beside {other}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_component_that_is_put_later_degrades_as_well() {
    let management = management(|builder| builder);
    let db = Component::new("db", Script::down()).impact(Impact::FailsAfter(secs(10)));
    management.put(db).expect("valid");
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (200, "DEGRADED")
    );
}
