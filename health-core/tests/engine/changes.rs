//! Components that come and go while the application runs.

use std::{process::Command, thread};

use health_core::{
    Component, DISABLED_CHECKS_VARIABLE, Group, Management,
    test_util::{Runs, Script},
};
use tokio::time::sleep;

use crate::support::{every, get, management, secs, settle, with};

#[tokio::test(start_paused = true)]
async fn a_component_is_added_replaced_and_removed() {
    let management = management(|builder| builder.group(Group::new("all")));
    assert_eq!(get(&management, "/z/health/db").await.code, 404);
    for (name, script, outcome) in [
        ("new", Script::down(), (503, "DOWN")),
        ("other", Script::up(), (200, "UP")),
    ] {
        management
            .put(Component::new("db", script).readiness())
            .expect("valid");
        for path in [
            "/z/health/db",
            "/z/health",
            "/z/health/readiness",
            "/z/health/all",
            "/z/health/all/db",
        ] {
            assert_eq!(
                get(&management, path).await.outcome(),
                outcome,
                "{name}: {path}"
            );
        }
    }
    management.remove("db").expect("is there");
    for path in ["/z/health/db", "/z/health/all/db"] {
        assert_eq!(get(&management, path).await.code, 404, "{path}");
    }
    let answer = get(&management, "/z/health").await;
    assert_eq!(
        answer.names("/components"),
        ["livenessState", "ping", "readinessState"]
    );
    assert!(management.remove("db").is_err());
}

#[tokio::test(start_paused = true)]
async fn a_change_leaves_the_results_of_the_others() {
    let [kept, old, new] = [Runs::default(), Runs::default(), Runs::default()];
    let management = management(|builder| {
        builder
            .ttl(secs(60))
            .check("kept", kept.count(Script::up()))
            .check("changed", old.count(Script::up()))
    });
    get(&management, "/z/health").await;
    management
        .put(Component::new("changed", new.count(Script::up())))
        .expect("valid");
    get(&management, "/z/health").await;
    management.remove("changed").expect("is there");
    get(&management, "/z/health").await;
    assert_eq!([&kept, &old, &new].map(Runs::started), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn the_background_follows_what_is_there() {
    let [kept, old, new] = [Runs::default(), Runs::default(), Runs::default()];
    let component = |name: &str, runs: &Runs| {
        Component::new(name, runs.count(Script::up())).background(every(secs(10)))
    };
    let management = management(|builder| {
        builder
            .component(component("kept", &kept))
            .component(component("changed", &old))
    });
    sleep(secs(5)).await;
    management.put(component("changed", &new)).expect("valid");
    settle().await;
    assert_eq!(
        [&kept, &old, &new].map(Runs::started),
        [1, 1, 1],
        "the new one starts at once"
    );
    sleep(secs(6)).await;
    assert_eq!(
        [&kept, &old, &new].map(Runs::started),
        [2, 1, 1],
        "the others keep their times"
    );
    management.remove("changed").expect("is there");
    sleep(secs(60)).await;
    assert_eq!([&kept, &old, &new].map(Runs::started), [8, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_stops_when_it_is_removed_or_replaced() {
    type Change = fn(&Management);
    let cases: [(&str, Change); 2] = [
        ("removed", |management| {
            management.remove("db").expect("is there")
        }),
        ("replaced", |management| {
            management
                .put(Component::new("db", Script::up()))
                .expect("valid")
        }),
    ];
    for (name, change) in cases {
        let runs = Runs::default();
        let management = with(Component::new("db", runs.count(Script::hang())).deadline(secs(60)));
        let asking = tokio::spawn({
            let management = management.clone();
            async move { get(&management, "/z/health/db").await.code }
        });
        settle().await;
        assert_eq!(runs.under_way(), 1, "{name}");
        change(&management);
        settle().await;
        assert_eq!((runs.started(), runs.under_way()), (1, 0), "{name}");
        assert!(asking.is_finished(), "{name}: who asked is answered");
        assert_eq!(asking.await.expect("an answer"), 503, "{name}");
        assert_eq!(
            management.last_transitions().len(),
            0,
            "{name}: what was stopped found nothing"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let management = management(|builder| {
        builder
            .check("db", Script::up())
            .group(Group::new("data").include(["db"]))
    });
    let named = |name: &str| Component::new(name, Script::up());
    let cases = [
        ("our own", named("ping")),
        ("our own state", named("livenessState")),
        ("our own state", named("readinessState")),
        ("our own state", named("startupState")),
        ("a group", named("data")),
        ("a predefined group", named("readiness")),
        ("empty", named("")),
        ("a path", named("a/b")),
        ("all", named("*")),
        ("blanks", named(" db")),
        ("dots", named("..")),
        ("a control character", named("a\nb")),
        ("too long", named(&"a".repeat(129))),
        ("no deadline", named("db").deadline(secs(0))),
        ("no threshold", named("db").failure_threshold(0)),
        ("an empty composite", Component::composite("db", [])),
        (
            "a name twice",
            Component::composite("db", [named("a"), named("a")]),
        ),
    ];
    let before = management.snapshot();
    for (name, component) in cases {
        let error = management.put(component).expect_err(name).to_string();
        assert!(error.contains("component"), "{name}: {error}");
    }
    for name in [
        "ping",
        "livenessState",
        "readinessState",
        "startupState",
        "data",
        "nope",
        "",
    ] {
        let error = management.remove(name).expect_err(name).to_string();
        assert_eq!(error, format!("there is no component `{name}`"));
    }
    assert_eq!(management.snapshot(), before);
    assert_eq!(get(&management, "/z/health/db").await.code, 200);
}

#[test]
fn changes_from_many_threads_are_all_there() {
    let management = management(|builder| builder);
    let own = management.snapshot().len();
    let has = |name: &str| {
        let snapshot = management.snapshot();
        snapshot.iter().any(|state| state.component == name)
    };
    thread::scope(|scope| {
        for thread in 0..8 {
            let (management, has) = (&management, &has);
            scope.spawn(move || {
                for number in 0..50 {
                    let name = format!("c{thread}-{number}");
                    let component = Component::new(&name, Script::up());
                    management.put(component).expect("valid");
                    assert!(has(&name), "{name} is there once `put` returns");
                }
                let name = format!("c{thread}-0");
                management.remove(&name).expect("is there");
                assert!(!has(&name), "{name} is gone once `remove` returns");
            });
        }
    });
    assert_eq!(management.snapshot().len(), own + 8 * 49);
}

#[tokio::test(start_paused = true)]
async fn thousands_of_changes_leave_nothing_behind() {
    let runs = Runs::default();
    let management = with(Component::new("db", Script::up()).background(every(secs(10))));
    let entries = management.snapshot().len();
    for number in 0..10_000 {
        let name = format!("tenant{number}");
        let tenant = Component::new(&name, runs.count(Script::up()));
        let tenant = if number % 2 == 0 {
            tenant.background(every(secs(10)))
        } else {
            tenant
        };
        management.put(tenant).expect("valid");
        assert_eq!(management.snapshot().len(), entries + 1);
        management.remove(&name).expect("is there");
    }
    assert_eq!(management.snapshot().len(), entries);
    let before = runs.started();
    sleep(secs(60)).await;
    assert_eq!((runs.started(), runs.under_way()), (before, 0));
}

#[tokio::test(start_paused = true)]
async fn a_disabled_check_is_shown_and_never_run() {
    let runs = Runs::default();
    let down = || runs.count(Script::down());
    let pair = [
        Component::new("one", down()),
        Component::new("two", down()).background(every(secs(1))),
    ];
    let management = management(|builder| {
        builder
            .disable("db")
            .disable("pair")
            .disable("half/one")
            .disable("later")
            .component(Component::new("db", down()).readiness())
            .component(Component::composite("pair", pair))
            .component(Component::composite(
                "half",
                [
                    Component::new("one", down()),
                    Component::new("two", Script::up()),
                ],
            ))
    });
    management
        .put(Component::new("later", down()))
        .expect("valid");
    sleep(secs(10)).await;
    let answer = get(&management, "/z/health").await;
    assert_eq!(answer.outcome(), (200, "UP"));
    for path in [
        "db",
        "pair/components/one",
        "pair/components/two",
        "half/components/one",
        "later",
    ] {
        let shown =
            ["status", "description"].map(|key| answer.text(&format!("/components/{path}/{key}")));
        assert_eq!(shown, ["UNKNOWN", "disabled"], "{path}");
    }
    assert_eq!(answer.text("/components/half/components/two/status"), "UP");
    assert_eq!(get(&management, "/z/health/readiness").await.code, 200);
    assert_eq!(runs.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_operators_word_does_not_enable_what_is_disabled() {
    let runs = Runs::default();
    let db = Component::new("db", runs.count(Script::down()));
    let management = management(|builder| builder.disable("db").component(db));
    management
        .take_out_of_service("db", "moving", secs(1))
        .expect("is there");
    assert_eq!(
        get(&management, "/z/health/db").await.outcome(),
        (503, "OUT_OF_SERVICE")
    );
    sleep(secs(2)).await;
    assert_eq!(
        get(&management, "/z/health/db").await.text("/description"),
        "disabled"
    );
    management.put_back("db").expect("is there");
    assert_eq!(
        get(&management, "/z/health/db").await.text("/description"),
        "disabled"
    );
    assert_eq!(runs.started(), 0);
}

/// Run by the test below in a process of its own, whose environment it tells.
#[tokio::test(start_paused = true)]
async fn the_checks_that_this_process_disables() {
    let listed = std::env::var(DISABLED_CHECKS_VARIABLE).unwrap_or_default();
    let listed: Vec<&str> = listed.split(',').map(str::trim).collect();
    let runs = Runs::default();
    let names = ["db", "queue", "cache"];
    let management = names
        .into_iter()
        .fold(Management::builder("orders"), |builder, name| {
            builder.check(name, runs.count(Script::up()))
        });
    let management = management.build().expect("valid");
    let answer = get(&management, "/z/health").await;
    for name in names {
        let description = if listed.contains(&name) {
            "disabled"
        } else {
            ""
        };
        assert_eq!(
            answer.text(&format!("/components/{name}/description")),
            description,
            "{name}"
        );
    }
    let disabled = names.iter().filter(|name| listed.contains(name)).count();
    assert_eq!(runs.started(), names.len() - disabled);
    assert_eq!(
        std::env::var(EXPECTED).unwrap_or(disabled.to_string()),
        disabled.to_string()
    );
}

/// Says to the child process how many checks it has to find disabled.
const EXPECTED: &str = "EXPECTED_DISABLED_CHECKS";

#[test]
fn the_environment_disables_checks() {
    assert_eq!(DISABLED_CHECKS_VARIABLE, "HEALTH_DISABLED_CHECKS");
    for (value, expected) in [
        ("db", "1"),
        (" db , cache,,nope", "2"),
        ("", "0"),
        ("DB", "0"),
    ] {
        let output = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "changes::the_checks_that_this_process_disables"])
            .env(DISABLED_CHECKS_VARIABLE, value)
            .env(EXPECTED, expected)
            .output()
            .expect("runs itself");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{value:?}: {text}");
        assert!(text.contains("1 passed"), "{value:?}: {text}");
    }
}
