//! How long an answer takes, on the paused clock.

use health_core::{
    Component, DEFAULT_ANSWER_MARGIN, DEFAULT_DEADLINE, Group, Health, Management, async_trait,
};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{
    Hangs, Runs, Sequence, Slow, after, ask, assert_took, get, holds, management, ms, timed,
};

fn twenty_slow(runs: &Runs) -> health_core::Builder {
    let builder = Management::builder("orders").show_details(health_core::Show::Always);
    (0..20).fold(builder, |builder, number| {
        let component = Component::new(format!("slow{number}"), runs.count(after(ms(100))));
        builder.component(component.readiness())
    })
}

#[tokio::test(start_paused = true)]
async fn twenty_checks_take_as_long_as_one() {
    let management = twenty_slow(&Runs::default()).build().expect("valid");
    let (answer, took) = timed(get(&management, "/z/health")).await;
    assert_eq!(answer.outcome(), (200, "UP".to_owned()));
    assert_took(took, ms(100));
}

#[tokio::test(start_paused = true)]
async fn a_hanging_check_costs_its_own_deadline_and_the_others_nothing() {
    let hangs = Component::new("hangs", Hangs).deadline(ms(300)).readiness();
    let management = twenty_slow(&Runs::default())
        .component(hangs)
        .check("fails", holds(Health::down()))
        .build()
        .expect("valid");
    let (answer, took) = timed(get(&management, "/z/health")).await;
    assert_took(took, ms(300));
    assert_eq!(answer.outcome(), (503, "DOWN".to_owned()));
    assert_eq!(
        answer.at("/components/hangs"),
        json!({"status": "DOWN", "details": {"error": "gave no result within 300 ms"}})
    );
    assert_eq!(answer.at("/components/fails/status"), json!("DOWN"));
    for number in 0..20 {
        let status = answer.at(&format!("/components/slow{number}/status"));
        assert_eq!(status, json!("UP"), "slow{number}");
    }
    let (answer, took) = timed(get(&management, "/z/health/readiness")).await;
    assert_took(took, ms(300));
    assert_eq!(answer.outcome(), (503, "DOWN".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn liveness_and_other_components_do_not_wait_for_a_hanging_check() {
    let runs = Runs::default();
    let management = management(|builder| {
        builder
            .component(Component::new("hangs", runs.count(Hangs)).readiness())
            .check("works", async || ())
    });
    let slow = ask(&management, "GET", "/z/health").send();
    for path in ["liveness", "ping", "works", "livenessState"] {
        let (answer, took) = timed(get(&management, &format!("/z/health/{path}"))).await;
        assert_eq!((answer.status, took), (200, ms(0)), "{path}");
    }
    assert_eq!(runs.under_way(), 1, "it was under way all the time");
    assert_eq!(slow.await.status(), 503);
}

#[tokio::test(start_paused = true)]
async fn deadlines_are_inherited_and_overridden() {
    let pair = [
        Component::new("inherits", Hangs),
        Component::new("own", Hangs).deadline(ms(50)),
    ];
    let management = management(|builder| {
        builder
            .deadline(ms(200))
            .check("all", Hangs)
            .component(Component::new("one", Hangs).deadline(ms(1_500)))
            .component(Component::composite("pair", pair).deadline(ms(120)))
            .healthz("live", Hangs)
    });
    for (path, deadline) in [
        ("/z/health/all", 200),
        ("/z/health/one", 1_500),
        ("/z/health/pair/inherits", 120),
        ("/z/health/pair/own", 50),
        ("/z/health/pair", 120),
        ("/z/health", 1_500),
        ("/healthz/live", 200),
    ] {
        let (answer, took) = timed(get(&management, path)).await;
        assert_eq!(answer.status, 503, "{path}");
        assert_took(took, ms(deadline));
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_deadline_lets_the_answer_leave_within_the_kubelets_second() {
    let management = management(|builder| builder.check("hangs", Hangs));
    let (_, took) = timed(get(&management, "/z/health")).await;
    assert_took(took, DEFAULT_DEADLINE);
    assert!(DEFAULT_DEADLINE + DEFAULT_ANSWER_MARGIN < ms(1_000));
}

#[tokio::test(start_paused = true)]
async fn the_answer_deadline_ends_an_answer_before_its_checks() {
    let management = management(|builder| {
        builder
            .answer_deadline(ms(150))
            .check("quick", after(ms(100)))
            .check("hangs", Hangs)
            .show_details(health_core::Show::Always)
    });
    let (answer, took) = timed(get(&management, "/z/health")).await;
    assert_took(took, ms(150));
    assert_eq!(answer.at("/components/quick/status"), json!("UP"));
    assert_eq!(
        answer.at("/components/hangs/details/error"),
        json!("gave no result before the answer had to leave")
    );
}

#[tokio::test(start_paused = true)]
async fn the_askers_budget_shortens_an_answer_and_never_lengthens_it() {
    let management = management(|builder| {
        builder
            .deadline(ms(400))
            .check("quick", after(ms(20)))
            .check("hangs", Hangs)
            .healthz("live", Hangs)
    });
    let cases = [
        ("shorter", "50", 50),
        ("with blanks", " 50 ", 50),
        ("longer", "5000", 400),
        ("longest", "18446744073709551615", 400),
        ("unreadable", "soon", 400),
        ("negative", "-1", 400),
        ("none left", "0", 0),
    ];
    for (name, budget, expected) in cases {
        for path in ["/z/health", "/z/health/hangs", "/healthz/live"] {
            let request = ask(&management, "GET", path).header("health-budget-ms", budget);
            let (answer, took) = timed(request).await;
            assert_eq!(answer.status, 503, "{name}");
            assert_took(took, ms(expected));
            // The run goes on; the next question must not join it.
            tokio::time::sleep(ms(400)).await;
        }
    }
    let short = ask(&management, "GET", "/z/health")
        .header("health-budget-ms", "50")
        .await;
    assert_eq!(
        short.at("/components/quick/status"),
        json!("UP"),
        "what is known by then is told"
    );
}

#[tokio::test(start_paused = true)]
async fn a_thousand_questions_cost_one_run() {
    let runs = Runs::default();
    let management = management(|builder| {
        builder
            .component(Component::new("db", runs.count(after(ms(100)))).readiness())
            .group(Group::new("data").include(["db"]))
    });
    let paths = [
        "/z/health",
        "/z/health/db",
        "/z/health/data",
        "/z/health/readiness",
    ];
    let questions: Vec<_> = (0..1_000)
        .map(|number| ask(&management, "GET", paths[number % 4]).send())
        .collect();
    let start = Instant::now();
    for question in questions {
        assert_eq!(question.await.status(), 200);
    }
    assert_took(start.elapsed(), ms(100));
    assert_eq!(runs.started(), 1);

    assert_eq!(get(&management, "/z/health").await.status, 200);
    assert_eq!(runs.started(), 2, "a question after the end runs it again");
}

#[tokio::test(start_paused = true)]
async fn a_question_that_joins_a_run_waits_for_its_rest_only() {
    let runs = Runs::default();
    let management =
        management(|builder| builder.deadline(ms(300)).check("hangs", runs.count(Hangs)));
    let first = ask(&management, "GET", "/z/health").send();
    tokio::time::sleep(ms(200)).await;
    let (answer, took) = timed(get(&management, "/z/health")).await;
    assert_eq!(answer.status, 503);
    assert_took(took, ms(100));
    assert_eq!(first.await.status(), 503);
    assert_eq!(runs.started(), 1);
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_future_is_dropped() {
    let runs = Runs::default();
    let management =
        management(|builder| builder.deadline(ms(100)).check("hangs", runs.count(Hangs)));
    let question = ask(&management, "GET", "/z/health").send();
    tokio::time::sleep(ms(99)).await;
    assert_eq!((runs.started(), runs.under_way()), (1, 1));
    assert_eq!(question.await.status(), 503);
    assert_eq!(
        (runs.started(), runs.under_way(), runs.completed()),
        (1, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_goes_on_when_its_asker_goes_away() {
    let runs = Runs::default();
    let management = management(|builder| builder.check("db", runs.count(after(ms(100)))));
    let question = ask(&management, "GET", "/z/health").send();
    tokio::time::sleep(ms(40)).await;
    drop(question);
    let (answer, took) = timed(get(&management, "/z/health")).await;
    assert_eq!(answer.status, 200);
    assert_took(took, ms(60));
    assert_eq!((runs.started(), runs.completed()), (1, 1));

    drop(ask(&management, "GET", "/z/health").send());
    tokio::time::sleep(ms(150)).await;
    assert_eq!(
        (runs.started(), runs.completed()),
        (2, 2),
        "nobody waits, and it ends all the same"
    );
}

#[tokio::test(start_paused = true)]
async fn every_question_after_a_run_gets_a_new_result() {
    let flapping = [
        Health::up(),
        Health::down(),
        Health::out_of_service(),
        Health::up(),
    ];
    let management = management(|builder| {
        builder.check(
            "flaps",
            Slow {
                delay: ms(10),
                check: Sequence::new(flapping),
            },
        )
    });
    for (run, code) in [200, 503, 503, 200, 200].into_iter().enumerate() {
        assert_eq!(
            get(&management, "/z/health").await.status,
            code,
            "run {run}"
        );
    }
}

/// Counts how many runs of it are under way at once.
struct Overlapping(Runs);

#[async_trait]
impl health_core::Check for Overlapping {
    async fn check(&self) -> health_core::CheckResult {
        self.0.count(after(ms(50))).check().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_never_runs_beside_itself() {
    let runs = Runs::default();
    let management = management(|builder| builder.check("db", Overlapping(runs.clone())));
    for pause in [10, 49, 1, 50, 51, 3] {
        drop(ask(&management, "GET", "/z/health/db").send());
        tokio::time::sleep(ms(pause)).await;
    }
    tokio::time::sleep(ms(100)).await;
    assert!(runs.started() > 2, "{runs:?}");
    assert_eq!((runs.most_at_once(), runs.under_way()), (1, 0));
}
