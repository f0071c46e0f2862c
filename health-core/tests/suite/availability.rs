//! The probes: what the application says of itself, and which checks count where.

use std::time::Duration;

use health_core::{
    Builder, Component, Group, Health, HttpMapping, LivenessState, Management, ReadinessState,
    Show, Status,
};
use http::StatusCode;

use crate::support::{Hangs, Runs, get, holds, management};

async fn outcomes(management: &Management) -> [(u16, String); 3] {
    let mut outcomes = Vec::new();
    for path in ["/z/health/liveness", "/z/health/readiness", "/z/health"] {
        outcomes.push(get(management, path).await.outcome());
    }
    outcomes.try_into().expect("three")
}

#[tokio::test(start_paused = true)]
async fn declared_states_become_statuses() {
    let management = management(|builder| builder);
    let availability = management.availability().clone();
    let (up, out) = ((200, "UP".to_owned()), (503, "OUT_OF_SERVICE".to_owned()));
    let down = (503, "DOWN".to_owned());
    assert_eq!(
        outcomes(&management).await,
        [up.clone(), up.clone(), up.clone()]
    );

    availability.set_readiness(ReadinessState::RefusingTraffic);
    assert_eq!(
        outcomes(&management).await,
        [up.clone(), out.clone(), out.clone()]
    );
    assert_eq!(availability.readiness(), ReadinessState::RefusingTraffic);

    availability.set_liveness(LivenessState::Broken);
    assert_eq!(
        outcomes(&management).await,
        [down.clone(), out.clone(), down.clone()]
    );
    assert_eq!(
        get(&management, "/z/health/livenessState").await.outcome(),
        down
    );
    assert_eq!(
        get(&management, "/z/health/readinessState").await.outcome(),
        out
    );
    assert_eq!(get(&management, "/z/health/ping").await.outcome(), up);

    availability.set_liveness(LivenessState::Correct);
    availability.set_readiness(ReadinessState::AcceptingTraffic);
    assert_eq!(outcomes(&management).await, [up.clone(), up.clone(), up]);
}

#[tokio::test(start_paused = true)]
async fn a_check_counts_where_it_was_registered() {
    let of = |component: fn(Component) -> Component| {
        management(|builder| {
            builder.component(component(Component::new("db", holds(Health::down()))))
        })
    };
    let cases: [(&str, fn(Component) -> Component, u16, u16); 3] = [
        ("health only", |component| component, 200, 503),
        ("both", Component::readiness, 503, 503),
        ("readiness only", Component::readiness_only, 503, 200),
    ];
    for (name, register, readiness, health) in cases {
        let management = of(register);
        let [live, ready, all] = outcomes(&management).await.map(|(code, _)| code);
        assert_eq!((live, ready, all), (200, readiness, health), "{name}");
        let as_component = get(&management, "/z/health/db").await.status;
        assert_eq!(
            as_component,
            if health == 503 { 503 } else { 404 },
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_composite_counts_as_a_whole() {
    let pair = || {
        [
            Component::new("one", async || ()),
            Component::new("two", holds(Health::down())),
        ]
    };
    let management = management(|builder| {
        builder
            .component(Component::composite("pair", pair()).readiness_only())
            .group(Group::new("readiness").show_components(Show::Always))
    });
    assert_eq!(
        outcomes(&management).await.map(|(code, _)| code),
        [200, 503, 200]
    );
    assert_eq!(
        get(&management, "/z/health/readiness")
            .await
            .component_names(),
        "pair readinessState"
    );
    assert_eq!(
        get(&management, "/z/health/readiness/pair/two")
            .await
            .status,
        503
    );
    assert_eq!(get(&management, "/z/health/pair/two").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn default_members_stay_when_other_properties_are_set() {
    let with = |group: Group| {
        management(|builder| {
            builder
                .check("other", holds(Health::down()))
                .component(Component::new("db", async || ()).readiness())
                .group(group)
        })
    };
    let cases: [(&str, Group, &str); 7] = [
        (
            "readiness",
            Group::new("readiness").show_components(Show::Always),
            "db readinessState",
        ),
        (
            "readiness",
            Group::new("readiness")
                .show_components(Show::Always)
                .exclude(["db"]),
            "readinessState",
        ),
        (
            "readiness",
            Group::new("readiness")
                .show_components(Show::Always)
                .include(["other"]),
            "other",
        ),
        (
            "readiness",
            Group::new("readiness").additional_path("server:/readyz"),
            "",
        ),
        (
            "readiness",
            Group::new("readiness")
                .roles(["admin"])
                .http_mapping(HttpMapping::new()),
            "",
        ),
        (
            "liveness",
            Group::new("liveness").show_components(Show::Always),
            "livenessState",
        ),
        (
            "liveness",
            Group::new("liveness").status_order(["DOWN", "UP"]),
            "",
        ),
    ];
    for (name, group, members) in cases {
        let shown = format!("{group:?}");
        let answer = get(&with(group), &format!("/z/health/{name}")).await;
        assert_eq!(answer.component_names(), members, "{shown}");
        assert_eq!(
            answer.status,
            if members == "other" { 503 } else { 200 },
            "{shown}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn liveness_asks_no_check_unless_told_by_name() {
    let runs = Runs::default();
    let with_checks = |builder: Builder| {
        builder
            .component(Component::new("hangs", runs.count(Hangs)).readiness())
            .component(Component::new("fails", runs.count(holds(Health::down()))).readiness_only())
            .check("other", runs.count(Hangs))
    };
    let management = management(with_checks);
    let (answer, took) = crate::support::timed(get(&management, "/z/health/liveness")).await;
    assert_eq!(answer.outcome(), (200, "UP".to_owned()));
    assert_eq!((runs.started(), took.as_millis()), (0, 0));

    let told = crate::support::management(|builder| {
        with_checks(builder).group(Group::new("liveness").include(["livenessState", "fails"]))
    });
    assert_eq!(
        get(&told, "/z/health/liveness").await.outcome(),
        (503, "DOWN".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn the_probes_keep_the_default_order_and_codes() {
    let lenient = |builder: Builder| {
        builder
            .aggregator(|_: &[&Status]| Status::UP)
            .http_mapper(|_: &Status| StatusCode::OK)
            .component(Component::new("db", holds(Health::down())).readiness())
    };
    let management = management(lenient);
    management
        .availability()
        .set_liveness(LivenessState::Broken);
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (200, "UP".to_owned())
    );
    for probe in ["liveness", "readiness"] {
        let answer = get(&management, &format!("/z/health/{probe}")).await;
        assert_eq!(answer.outcome(), (503, "DOWN".to_owned()), "{probe}");
    }

    let own = crate::support::management(|builder| {
        let table = HttpMapping::new().with(&Status::DOWN, StatusCode::INTERNAL_SERVER_ERROR);
        lenient(builder).group(Group::new("readiness").http_mapping(table))
    });
    assert_eq!(
        get(&own, "/z/health/readiness").await.outcome(),
        (500, "DOWN".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn the_probes_know_declared_statuses() {
    let management = management(|builder| {
        builder
            .status_order(["UP", "DOWN"])
            .custom_status(
                "DEGRADED",
                health_core::Severity::Above(Status::UP),
                StatusCode::OK,
            )
            .component(Component::new("db", holds(Health::new("DEGRADED"))).readiness())
    });
    assert_eq!(
        get(&management, "/z/health/readiness").await.outcome(),
        (200, "DEGRADED".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_component_can_be_out_of_service_for_ever() {
    let management = management(|builder| builder.check("db", async || ()));
    let word = management.take_out_of_service("db", "moving", Duration::MAX);
    assert_eq!(word, Ok(()));
    for days in [0, 400] {
        tokio::time::advance(Duration::from_secs(days * 24 * 60 * 60)).await;
        let answer = get(&management, "/z/health/db").await;
        assert_eq!(
            answer.outcome(),
            (503, "OUT_OF_SERVICE".to_owned()),
            "{days} days"
        );
    }
    assert_eq!(management.put_back("db"), Ok(()));
    assert_eq!(get(&management, "/z/health/db").await.status, 200);
}
