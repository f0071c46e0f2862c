//! What it takes to change a status.

use health_core::{Component, test_util::Script};
use tokio::time::sleep;

use crate::support::{get, secs, with};

type Tuned = fn(Component) -> Component;

#[tokio::test(start_paused = true)]
async fn thresholds_hold_a_change_back_and_show_what_was_found() {
    let cases: [(&str, Tuned, &str, &str); 7] = [
        ("none", |component| component, "UDUD", "UDUD"),
        (
            "failures",
            |component| component.failure_threshold(3),
            "UDDUDDDU",
            "UUUUUUDU",
        ),
        (
            "successes",
            |component| component.success_threshold(2),
            "UDUDUUD",
            "UDDDDUD",
        ),
        (
            "time in error",
            |component| component.failure_time(secs(2)),
            "UDDDU",
            "UUUDU",
        ),
        (
            "failures and time",
            |component| component.failure_threshold(4).failure_time(secs(2)),
            "UDDDDD",
            "UUUUDD",
        ),
        (
            "the first failure at once",
            |component| component.failure_threshold(3),
            "DDUD",
            "DDUU",
        ),
        (
            "the first success at once",
            |component| component.success_threshold(3),
            "UDUUUD",
            "UDDDUD",
        ),
    ];
    for (name, tuned, raw, effective) in cases {
        let statuses = raw.chars().map(word).collect::<Vec<_>>();
        let management = with(tuned(Component::new("db", Script::sequence(statuses))));
        for (run, (raw, effective)) in raw.chars().zip(effective.chars()).enumerate() {
            let answer = get(&management, "/z/health").await;
            assert_eq!(answer.text("/status"), word(effective), "{name}, run {run}");
            assert_eq!(
                answer.text("/components/db/status"),
                word(effective),
                "{name}, run {run}"
            );
            let shown = answer.text("/components/db/details/rawStatus");
            let expected = if raw == effective { "" } else { word(raw) };
            assert_eq!(
                shown, expected,
                "{name}, run {run}: the raw status where it differs"
            );
            sleep(secs(1)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_the_cache_counts_no_failure() {
    let script = Script::sequence(["UP", "DOWN"]);
    let management = with(
        Component::new("db", script)
            .ttl(secs(10))
            .failure_threshold(2),
    );
    get(&management, "/z/health").await;
    sleep(secs(10)).await;
    for _ in 0..5 {
        assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));
    }
    sleep(secs(10)).await;
    assert_eq!(get(&management, "/z/health").await.outcome(), (503, "DOWN"));
}

#[tokio::test(start_paused = true)]
async fn thresholds_of_all_are_inherited() {
    let management = crate::support::management(|builder| {
        let own = Component::new("own", Script::sequence(["UP", "DOWN"])).failure_threshold(1);
        builder
            .failure_threshold(2)
            .check("db", Script::sequence(["UP", "DOWN"]))
            .component(own)
    });
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = get(&management, "/z/health").await;
        let statuses = ["db", "own"].map(|name| {
            answer
                .text(&format!("/components/{name}/status"))
                .to_owned()
        });
        seen.push(statuses.join(" "));
    }
    assert_eq!(seen, ["UP UP", "UP DOWN", "DOWN DOWN"]);
}

fn word(letter: char) -> &'static str {
    if letter == 'U' { "UP" } else { "DOWN" }
}
