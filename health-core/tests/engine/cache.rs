//! Results that answer further questions.

use health_core::{
    Component, Group,
    test_util::{Runs, Script, ask},
};
use tokio::{task::JoinSet, time::sleep};

use crate::support::{get, management, ms};

const PATHS: [&str; 4] = [
    "/z/health",
    "/z/health/db",
    "/z/health/data",
    "/z/health/readiness",
];

#[tokio::test(start_paused = true)]
async fn a_result_answers_all_questions_until_it_is_as_old_as_its_ttl() {
    for (name, status, code) in [("a success", "UP", 200), ("a failure", "DOWN", 503)] {
        let runs = Runs::default();
        let db = Component::new("db", runs.count(Script::sequence([status]))).ttl(ms(100));
        let management = management(|builder| {
            builder
                .component(db.readiness())
                .group(Group::new("data").include(["db"]))
        });
        for (pause, expected) in [(0, 1), (99, 1), (1, 2), (99, 2), (500, 3)] {
            sleep(ms(pause)).await;
            for path in PATHS {
                assert_eq!(get(&management, path).await.code, code, "{name}: {path}");
            }
            assert_eq!(runs.started(), expected, "{name}: after another {pause} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn hits_of_the_cache_and_shared_runs_are_counted_apart() {
    let db = Component::new("db", Script::up().after(ms(50))).ttl(ms(100));
    let management = management(|builder| builder.component(db));
    let (one, two) = tokio::join!(
        ask(&management, "/z/health/db"),
        ask(&management, "/z/health")
    );
    assert_eq!((one.status, two.status), (200, 200));
    for _ in 0..3 {
        ask(&management, "/z/health/db").await;
    }
    let metrics = ask(&management, "/z/prometheus").await.body;
    let value = |part: &str| {
        let mut lines = metrics
            .lines()
            .filter(|line| line.contains(part) && line.contains("\"db\""));
        lines
            .next()
            .and_then(|line| line.rsplit(' ').next())
            .unwrap_or("none")
            .to_owned()
    };
    let counts = ["runs_total", "coalesced_requests_total", "cache_hits_total"].map(value);
    assert_eq!(
        counts,
        ["1", "1", "4"],
        "the last one is this question: {metrics}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_ttl_of_all_is_overridden_by_one() {
    let [kept, own] = [Runs::default(), Runs::default()];
    let management = management(|builder| {
        builder
            .ttl(ms(1_000))
            .check("kept", kept.count(Script::up()))
            .component(Component::new("own", own.count(Script::up())).ttl(ms(10)))
    });
    for _ in 0..5 {
        get(&management, "/z/health").await;
        sleep(ms(20)).await;
    }
    assert_eq!((kept.started(), own.started()), (1, 5));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_that_ask_a_slow_check_and_again_within_its_ttl_cost_one_run() {
    let runs = Runs::default();
    let db = Component::new("db", runs.count(Script::up().after(ms(100)))).ttl(ms(1_000));
    let management = management(|builder| {
        builder
            .component(db.readiness())
            .group(Group::new("data").include(["db"]))
    });
    let mut tasks = JoinSet::new();
    for number in 0..1_000 {
        let management = management.clone();
        tasks.spawn(async move {
            sleep(ms(number % 200)).await;
            let path = PATHS[usize::try_from(number).expect("small") % PATHS.len()];
            get(&management, path).await.code
        });
    }
    let codes = tasks.join_all().await;
    assert!(codes.iter().all(|code| *code == 200));
    assert_eq!(runs.started(), 1);
}
