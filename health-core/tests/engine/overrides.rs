//! An operator's word over what the checks say.

use std::time::Duration;

use health_core::{
    Component, Group, Show,
    test_util::{Runs, Script},
};
use tokio::time::sleep;

use crate::support::{every, get, management, ms, secs, with};

const OUT: (u16, &str) = (503, "OUT_OF_SERVICE");
const UP: (u16, &str) = (200, "UP");

#[tokio::test(start_paused = true)]
async fn it_holds_until_its_time_is_over_or_it_is_taken_back() {
    let management = with(Component::new("db", Script::up()));
    management
        .take_out_of_service("db", "moving", secs(60))
        .expect("is there");
    for pause in [ms(0), ms(59_999)] {
        sleep(pause).await;
        let answer = get(&management, "/z/health/db").await;
        assert_eq!(answer.outcome(), OUT);
        assert_eq!(answer.text("/description"), "moving");
        assert_eq!(get(&management, "/z/health").await.outcome(), OUT);
    }
    sleep(ms(1)).await;
    assert_eq!(get(&management, "/z/health/db").await.outcome(), UP);

    management
        .take_out_of_service("db", "again", secs(60))
        .expect("is there");
    management
        .take_out_of_service("db", "longer", secs(600))
        .expect("is there");
    sleep(secs(61)).await;
    assert_eq!(
        get(&management, "/z/health/db").await.text("/description"),
        "longer"
    );
    management.put_back("db").expect("is there");
    assert_eq!(get(&management, "/z/health/db").await.outcome(), UP);
}

#[tokio::test(start_paused = true)]
async fn it_covers_all_that_is_below() {
    let pair = [
        Component::new("one", Script::up()),
        Component::new("two", Script::up()),
    ];
    let management = management(|builder| {
        builder
            .component(Component::composite("pair", pair))
            .check("pair2", Script::up())
    });
    for (component, expected) in [("pair", [OUT, OUT, UP]), ("pair/one", [OUT, UP, UP])] {
        management
            .take_out_of_service(component, "moving", secs(60))
            .expect("is there");
        for (path, outcome) in ["pair/one", "pair/two", "pair2"].into_iter().zip(expected) {
            let answer = get(&management, &format!("/z/health/{path}")).await;
            assert_eq!(answer.outcome(), outcome, "{component}: {path}");
        }
        management.put_back(component).expect("is there");
    }
    assert_eq!(get(&management, "/z/health").await.outcome(), UP);
}

#[tokio::test(start_paused = true)]
async fn the_readiness_state_takes_the_whole_application_out_of_service() {
    let management = management(|builder| {
        builder
            .probe_paths()
            .group(Group::new("readiness").show_components(Show::Always))
    });
    management
        .take_out_of_service("readinessState", "moving", secs(60))
        .expect("is there");
    for path in [
        "/z/health/readiness",
        "/readyz",
        "/z/health",
        "/z/health/readinessState",
    ] {
        let answer = get(&management, path).await;
        assert_eq!(answer.outcome(), OUT, "{path}");
        assert_eq!(answer.text("/description"), "moving", "{path}");
    }
    assert_eq!(get(&management, "/z/health/liveness").await.outcome(), UP);
    management.put_back("readinessState").expect("is there");
    assert_eq!(get(&management, "/z/health/readiness").await.outcome(), UP);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_there_is_an_error() {
    let management = with(Component::composite(
        "pair",
        [Component::new("one", Script::up())],
    ));
    for name in ["nope", "", "pair/two", "pai", "readiness", "PAIR"] {
        let error = management
            .take_out_of_service(name, "moving", secs(1))
            .expect_err(name);
        assert_eq!(error.to_string(), format!("there is no component `{name}`"));
        assert!(management.put_back(name).is_err(), "{name}");
        assert!(management.evidence(name).is_err(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn checks_in_the_background_run_on_so_that_the_truth_is_there_afterwards() {
    for (name, time) in [("for a time", secs(3_600)), ("for ever", Duration::MAX)] {
        let runs = Runs::default();
        let db = Component::new("db", runs.count(Script::sequence(["UP", "UP", "DOWN"])));
        let management = with(db.background(every(secs(10))));
        sleep(secs(1)).await;
        management
            .take_out_of_service("db", "moving", time)
            .expect("is there");
        sleep(secs(100)).await;
        assert_eq!(
            get(&management, "/z/health/db").await.outcome(),
            OUT,
            "{name}"
        );
        assert_eq!(runs.started(), 11, "{name}");
        management.put_back("db").expect("is there");
        assert_eq!(
            get(&management, "/z/health/db").await.outcome(),
            (503, "DOWN"),
            "{name}"
        );
    }
}
