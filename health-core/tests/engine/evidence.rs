//! Real traffic that shows a component to work.

use health_core::{
    Component,
    test_util::{Runs, Script},
};
use tokio::time::sleep;

use crate::support::{every, get, ms, secs, with};

#[tokio::test(start_paused = true)]
async fn a_success_spares_a_question_its_run_for_a_time() {
    let runs = Runs::default();
    let db = Component::new("db", runs.count(Script::down().after(ms(1)))).evidence_ttl(secs(30));
    let management = with(db);
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (503, "DOWN")
    );
    let evidence = management.evidence("db").expect("is there");
    sleep(secs(1)).await;
    evidence.success();
    for pause in [ms(0), ms(29_999)] {
        sleep(pause).await;
        let answer = get(&management, "/z/health/db").await;
        assert_eq!(answer.outcome(), (200, "UP"));
        assert_eq!(answer.text("/details/evidence"), "traffic");
        assert_eq!(runs.started(), 1);
    }
    sleep(ms(1)).await;
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (503, "DOWN")
    );
    assert_eq!(runs.started(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_a_time_for_it_a_success_means_nothing() {
    let management = with(Component::new("db", Script::down().after(ms(1))));
    management.evidence("db").expect("is there").success();
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (503, "DOWN")
    );
}

#[tokio::test(start_paused = true)]
async fn in_the_background_it_spares_runs_while_traffic_flows_and_nothing_goes_stale() {
    let runs = Runs::default();
    let db = Component::new("db", runs.count(Script::up().after(ms(1))));
    let management = with(db.background(every(secs(10))).evidence_ttl(secs(15)));
    let evidence = management.evidence("db").expect("is there");
    sleep(ms(500)).await;
    for second in 0..120 {
        evidence.success();
        assert_eq!(
            get(&management, "/z/health").await.outcome(),
            (200, "UP"),
            "{second} s of traffic"
        );
        sleep(secs(1)).await;
    }
    assert_eq!(
        runs.started(),
        1,
        "only the first one, before there was traffic"
    );
    for second in 0..120 {
        assert_eq!(
            get(&management, "/z/health").await.outcome(),
            (200, "UP"),
            "{second} s without"
        );
        sleep(secs(1)).await;
    }
    assert!((10..=13).contains(&runs.started()), "{}", runs.started());
    assert_eq!(management.last_transitions().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_fails_afterwards_counts() {
    let db = Component::new("db", Script::down().after(ms(20)));
    let management = with(db.background(every(secs(10))).evidence_ttl(secs(60)));
    sleep(ms(10)).await;
    management.evidence("db").expect("is there").success();
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (200, "UP"),
        "the run has not ended"
    );
    sleep(ms(20)).await;
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (503, "DOWN"),
        "it failed later"
    );
    management.evidence("db").expect("is there").success();
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (200, "UP"),
        "a success later still"
    );
}

#[tokio::test(start_paused = true)]
async fn it_covers_all_that_is_below() {
    let runs = Runs::default();
    let child = |name: &str| Component::new(name, runs.count(Script::up())).evidence_ttl(secs(30));
    let management = with(Component::composite("pair", [child("one"), child("two")]));
    management.evidence("pair").expect("is there").success();
    assert_eq!(get(&management, "/z/health").await.outcome(), (200, "UP"));
    assert_eq!(runs.started(), 0);
    sleep(secs(30)).await;
    management.evidence("pair/one").expect("is there").success();
    get(&management, "/z/health").await;
    assert_eq!(runs.started(), 1);
}
