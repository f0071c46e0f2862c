//! From the statuses of components to the status and HTTP code of the whole.
//! Source: Spring Boot `SimpleStatusAggregator`, `SimpleHttpCodeStatusMapper`, and where they fail
//! open, the stricter rule of this crate.

use health_core::{Builder, Component, Group, Health, HttpMapping, Severity, Show, Status};
use http::StatusCode;
use serde_json::json;

use crate::support::{get, holds, management};

/// Registers one check per status, `c0`, `c1` and so on.
fn with_statuses(builder: Builder, statuses: &[&str]) -> Builder {
    let statuses = statuses.iter().enumerate();
    statuses.fold(builder, |builder, (number, status)| {
        builder.check(format!("c{number}"), holds(Health::new(*status)))
    })
}

#[tokio::test(start_paused = true)]
async fn the_most_severe_status_is_that_of_the_whole() {
    // `/health` also holds the states of the application itself, which are UP.
    let cases: [(&[&str], u16, &str); 11] = [
        (&[], 200, "UP"),
        (&["UP", "UP"], 200, "UP"),
        (&["UP", "UNKNOWN"], 200, "UP"),
        (&["UP", "OUT_OF_SERVICE"], 503, "OUT_OF_SERVICE"),
        (&["OUT_OF_SERVICE", "DOWN", "UP"], 503, "DOWN"),
        (&["DOWN", "UNKNOWN"], 503, "DOWN"),
        (&["FATAL"], 503, "DOWN"),
        (&["OUT_OF_SERVICE", "FATAL"], 503, "DOWN"),
        (&["out-of-service"], 503, "out-of-service"),
        (&["Down"], 503, "Down"),
        (&["up"], 200, "up"),
    ];
    for (statuses, code, status) in cases {
        let management = management(|builder| with_statuses(builder, statuses));
        let answer = get(&management, "/z/health").await;
        assert_eq!(answer.outcome(), (code, status.to_owned()), "{statuses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_unknown_is_unknown() {
    let management = management(|builder| {
        with_statuses(builder, &["UNKNOWN", "UNKNOWN"]).group(Group::new("g").include(["c0", "c1"]))
    });
    assert_eq!(
        get(&management, "/z/health/g").await.outcome(),
        (200, "UNKNOWN".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn codes_are_compared_by_letters_and_digits_and_shown_as_they_came() {
    let cases = [
        ("up", 200),
        ("Up!", 200),
        ("unknown", 200),
        ("out-of-service", 503),
        ("down", 503),
    ];
    for (status, code) in cases {
        let management = management(|builder| {
            with_statuses(builder, &[status]).group(Group::new("g").include(["c0"]))
        });
        for path in ["/z/health/c0", "/z/health/g", "/z/health/g/c0"] {
            assert_eq!(
                get(&management, path).await.outcome(),
                (code, status.to_owned()),
                "{path}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_undeclared_status_is_shown_as_it_came_and_counts_as_down() {
    let management = management(|builder| {
        let pair = [
            Component::new("one", holds(Health::new("WEIRD").description("who knows"))),
            Component::new("two", async || ()),
        ];
        builder.component(Component::composite("pair", pair))
    });
    let one = get(&management, "/z/health/pair/one").await;
    assert_eq!(one.outcome(), (503, "WEIRD".to_owned()));
    let pair = get(&management, "/z/health/pair").await;
    assert_eq!(pair.outcome(), (503, "DOWN".to_owned()));
    assert_eq!(
        pair.at("/components/one"),
        json!({"status": "WEIRD", "description": "who knows"})
    );
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (503, "DOWN".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_declared_status_has_its_severity_and_code() {
    let declared = |statuses: &[&str]| {
        let statuses: Vec<&str> = statuses.to_vec();
        management(|builder| {
            with_statuses(builder, &statuses)
                .custom_status(
                    "FATAL",
                    Severity::Above(Status::DOWN),
                    StatusCode::INTERNAL_SERVER_ERROR,
                )
                .custom_status("DEGRADED", Severity::Above(Status::UP), StatusCode::OK)
                .custom_status(
                    "IDLE",
                    Severity::Below("DEGRADED".into()),
                    StatusCode::ACCEPTED,
                )
        })
    };
    let cases: [(&[&str], u16, &str); 7] = [
        (&["FATAL", "DOWN"], 500, "FATAL"),
        (&["DEGRADED"], 200, "DEGRADED"),
        (&["DEGRADED", "OUT_OF_SERVICE"], 503, "OUT_OF_SERVICE"),
        (&["IDLE"], 202, "IDLE"),
        (&["DEGRADED", "IDLE"], 200, "DEGRADED"),
        (&["fatal", "DOWN"], 500, "fatal"),
        (&["OTHER", "DEGRADED"], 503, "DOWN"),
    ];
    for (statuses, code, status) in cases {
        let answer = get(&declared(statuses), "/z/health").await;
        assert_eq!(answer.outcome(), (code, status.to_owned()), "{statuses:?}");
    }
    assert_eq!(
        get(&declared(&["FATAL"]), "/z/health/c0").await.outcome(),
        (500, "FATAL".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_of_severity_replaces_the_default_one() {
    let ordered = |statuses: &'static [&str], order: &'static [&str]| {
        management(|builder| {
            with_statuses(builder, statuses)
                .status_order(order.iter().copied())
                .http_mapping(
                    HttpMapping::new().with(&"FATAL".into(), StatusCode::INTERNAL_SERVER_ERROR),
                )
        })
    };
    let cases: [(&[&str], &[&str], u16, &str); 4] = [
        (&["FATAL", "DOWN"], &["fatal", "down", "up"], 500, "FATAL"),
        (&["DOWN"], &["UP", "DOWN"], 200, "UP"),
        (&["UNKNOWN"], &["DOWN", "UNKNOWN", "UP"], 200, "UNKNOWN"),
        // Not in the order: DOWN.
        (&["OUT_OF_SERVICE"], &["FATAL", "DOWN", "UP"], 503, "DOWN"),
    ];
    for (statuses, order, code, status) in cases {
        let answer = get(&ordered(statuses, order), "/z/health").await;
        assert_eq!(
            answer.outcome(),
            (code, status.to_owned()),
            "{statuses:?} by {order:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_declared_status_keeps_its_place_in_an_order() {
    let management = management(|builder| {
        with_statuses(builder, &["FATAL", "DOWN"])
            .status_order(["DOWN", "FATAL", "UP"])
            .custom_status(
                "FATAL",
                Severity::Above(Status::DOWN),
                StatusCode::INTERNAL_SERVER_ERROR,
            )
    });
    assert_eq!(
        get(&management, "/z/health").await.outcome(),
        (503, "DOWN".to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn a_mapping_extends_the_defaults() {
    let mapping = HttpMapping::new()
        .with(&"out-of-service".into(), StatusCode::TOO_MANY_REQUESTS)
        .with(&"FATAL".into(), StatusCode::INTERNAL_SERVER_ERROR);
    let management = management(|builder| {
        with_statuses(
            builder,
            &["DOWN", "OUT_OF_SERVICE", "UNKNOWN", "UP", "FATAL", "OTHER"],
        )
        .http_mapping(mapping)
    });
    for (number, code) in [503, 429, 200, 200, 500, 503].into_iter().enumerate() {
        let path = format!("/z/health/c{number}");
        assert_eq!(get(&management, &path).await.status, code, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn closures_aggregate_and_map_and_may_panic() {
    let management = management(|builder| {
        with_statuses(builder, &["DOWN", "UP"])
            .aggregator(|statuses: &[&Status]| {
                let is_any_up = statuses.contains(&&Status::UP);
                if is_any_up { Status::UP } else { Status::DOWN }
            })
            .http_mapper(|status: &Status| match *status == Status::UP {
                true => StatusCode::IM_A_TEAPOT,
                false => StatusCode::BAD_GATEWAY,
            })
            .group(
                Group::new("broken")
                    .include(["c1"])
                    .aggregator(|_: &[&Status]| panic!("no")),
            )
            .group(
                Group::new("unmapped")
                    .include(["c1"])
                    .http_mapper(|_: &Status| -> StatusCode { panic!("no") }),
            )
    });
    for (path, code, status) in [
        ("/z/health", 418, "UP"),
        ("/z/health/c0", 502, "DOWN"),
        ("/z/health/broken", 502, "DOWN"),
        ("/z/health/unmapped", 503, "UP"),
    ] {
        assert_eq!(
            get(&management, path).await.outcome(),
            (code, status.to_owned()),
            "{path}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_description_comes_from_the_first_component_with_the_status_of_the_whole() {
    let described = |status, text: &str| holds(Health::new(status).description(text));
    let management = management(|builder| {
        builder
            .check("a", described("UP", "all well"))
            .check("b", holds(Health::down()))
            .check("c", described("DOWN", "cable cut"))
            .component(Component::composite(
                "x",
                [Component::new("y", described("DOWN", "no power"))],
            ))
            .group(Group::new("c-first").include(["c", "x"]))
            .group(
                Group::new("x-only")
                    .include(["x/y"])
                    .show_components(Show::Never),
            )
            .group(Group::new("up").include(["a"]))
    });
    for (path, description) in [
        // `b` has the status and no description, and it is the first.
        ("/z/health", ""),
        ("/z/health/c-first", "cable cut"),
        ("/z/health/x-only", "no power"),
        ("/z/health/x", "no power"),
        ("/z/health/up", "all well"),
        ("/z/health/b", ""),
    ] {
        assert_eq!(
            get(&management, path).await.text_at("/description"),
            description,
            "{path}"
        );
    }
}
