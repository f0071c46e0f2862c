//! Groups: who belongs to them, and their own rules.
//! Source: Spring Boot `IncludeExcludeHealthContributorMembership`.

use health_core::{Builder, Component, Group, Health, HttpMapping, Severity, Show, Status};
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{Runs, get, holds, management};

fn shop(builder: Builder) -> Builder {
    let leaf = |name: &str| Component::new(name, async || ());
    let deep = Component::composite("deep", [leaf("x"), leaf("y")]);
    let reporting = Health::up()
        .detail("leader", "a")
        .component(
            "a",
            Health::up()
                .component("disk", Health::up())
                .component("net", Health::down()),
        )
        .component("b", Health::down());
    builder
        .component(leaf("db"))
        .component(Component::composite(
            "pair",
            [leaf("one"), leaf("two"), deep],
        ))
        .check("cluster", holds(reporting))
}

/// Returns the names of an answer's components as a tree.
fn names(node: &Value) -> Value {
    match node.get("components").and_then(Value::as_object) {
        None => json!({}),
        Some(components) => components
            .iter()
            .map(|(name, node)| (name.clone(), names(node)))
            .collect(),
    }
}

#[tokio::test(start_paused = true)]
async fn members_are_chosen_by_name_and_path() {
    let cluster = json!({"a": {"disk": {}, "net": {}}, "b": {}});
    let pair = json!({"one": {}, "two": {}, "deep": {"x": {}, "y": {}}});
    let cases: [(&str, &[&str], &[&str], Value); 15] = [
        ("one", &["db"], &[], json!({"db": {}})),
        ("names are trimmed", &[" db "], &[], json!({"db": {}})),
        (
            "a name covers what is below",
            &["pair"],
            &[],
            json!({"pair": pair}),
        ),
        (
            "one child",
            &["pair/one"],
            &[],
            json!({"pair": {"one": {}}}),
        ),
        (
            "one grandchild",
            &["pair/deep/y"],
            &[],
            json!({"pair": {"deep": {"y": {}}}}),
        ),
        (
            "a composite in a composite",
            &["pair/deep"],
            &[],
            json!({"pair": {"deep": {"x": {}, "y": {}}}}),
        ),
        (
            "exclude wins over include",
            &["db", "pair"],
            &["db"],
            json!({"pair": pair}),
        ),
        (
            "exclude one child",
            &["pair"],
            &["pair/deep"],
            json!({"pair": {"one": {}, "two": {}}}),
        ),
        (
            "a composite without members vanishes",
            &["db", "pair/deep"],
            &["pair/deep/x", "pair/deep/y"],
            json!({"db": {}}),
        ),
        (
            "star",
            &["*"],
            &["pair", "cluster", "ping", "livenessState", "startupState"],
            json!({"db": {}, "readinessState": {}}),
        ),
        (
            "reported, whole",
            &["cluster"],
            &[],
            json!({"cluster": cluster}),
        ),
        (
            "reported, one",
            &["cluster/b"],
            &[],
            json!({"cluster": {"b": {}}}),
        ),
        (
            "reported, one below one",
            &["cluster/a/disk"],
            &[],
            json!({"cluster": {"a": {"disk": {}}}}),
        ),
        (
            "reported, all but one",
            &["cluster"],
            &["cluster/a/net"],
            json!({"cluster": {"a": {"disk": {}}, "b": {}}}),
        ),
        (
            "reported, exclude wins",
            &["cluster/a", "cluster/b"],
            &["cluster/b"],
            json!({"cluster": {"a": {"disk": {}, "net": {}}}}),
        ),
    ];
    for (name, include, exclude, expected) in cases {
        let group = Group::new("g")
            .include(include.iter().copied())
            .exclude(exclude.iter().copied());
        let management =
            management(|builder| shop(builder).group(group).show_details(Show::Always));
        let answer = get(&management, "/z/health/g").await;
        assert_eq!(names(&answer.json()), expected, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_without_include_holds_everything() {
    let management = management(|builder| shop(builder).group(Group::new("g").exclude(["pair"])));
    let answer = get(&management, "/z/health/g").await;
    assert_eq!(
        answer.component_names(),
        "cluster db livenessState ping readinessState startupState"
    );
}

#[tokio::test(start_paused = true)]
async fn chosen_components_decide_on_the_status() {
    let with = |member: &'static str| {
        management(|builder| shop(builder).group(Group::new("g").include([member])))
    };
    for (member, code, status) in [
        // The check itself says UP; a group that selects some of its parts asks those.
        ("cluster", 200, "UP"),
        ("cluster/b", 503, "DOWN"),
        ("cluster/a/disk", 200, "UP"),
        ("cluster/a/net", 503, "DOWN"),
    ] {
        let answer = get(&with(member), "/z/health/g").await;
        assert_eq!(answer.outcome(), (code, status.to_owned()), "{member}");
        let answer = get(&with(member), "/z/health/g/cluster").await;
        assert_eq!(answer.outcome(), (code, status.to_owned()), "{member}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_group_leaves_out_is_not_shown_when_nothing_else_is_reported() {
    let health = Health::down()
        .detail("leader", "none")
        .component("b", Health::down());
    for (include, exclude) in [("cluster", "cluster/b"), ("cluster/a", "db")] {
        let management = management(|builder| {
            builder
                .check("db", async || ())
                .check("cluster", holds(health.clone()))
                .group(Group::new("g").include([include]).exclude([exclude]))
                .show_details(Show::Always)
        });
        let answer = get(&management, "/z/health/g").await;
        let own = json!({"status": "DOWN", "details": {"leader": "none"}});
        assert_eq!(
            answer.at("/components/cluster"),
            own,
            "{include}: the check speaks for itself"
        );
        assert_eq!(answer.status, 503, "{include}");
        assert_eq!(
            get(&management, "/z/health/g/cluster/b").await.status,
            404,
            "{include}"
        );
        assert_eq!(
            get(&management, "/z/health/cluster/b").await.status,
            503,
            "{include}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn only_members_are_asked() {
    let (db, queue) = (Runs::default(), Runs::default());
    let management = management(|builder| {
        let pair = [
            Component::new("db", db.count(async || ())),
            Component::new("queue", queue.count(async || ())),
        ];
        builder.component(Component::composite("pair", pair)).group(
            Group::new("g")
                .include(["pair/db"])
                .show_components(Show::Never),
        )
    });
    for path in ["/z/health/g", "/z/health/pair/db"] {
        assert_eq!(get(&management, path).await.status, 200, "{path}");
    }
    assert_eq!(
        (db.started(), queue.started()),
        (2, 0),
        "hidden members are asked, others are not"
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_has_its_own_order_and_codes() {
    let teapot = HttpMapping::new().with(&"FATAL".into(), StatusCode::IM_A_TEAPOT);
    let management = management(|builder| {
        let members = ["down", "fatal"];
        builder
            .check("down", holds(Health::down()))
            .check("fatal", holds(Health::new("FATAL")))
            .custom_status(
                "FATAL",
                Severity::Above(Status::DOWN),
                StatusCode::INTERNAL_SERVER_ERROR,
            )
            .http_mapping(HttpMapping::new().with(&Status::DOWN, StatusCode::BAD_GATEWAY))
            .group(Group::new("inherits").include(members))
            // A declared status keeps its severity in an order that does not name it.
            .group(
                Group::new("partial")
                    .include(members)
                    .status_order(["DOWN", "UP"]),
            )
            .group(
                Group::new("order")
                    .include(members)
                    .status_order(["DOWN", "FATAL", "UP"]),
            )
            .group(Group::new("codes").include(members).http_mapping(teapot))
            .group(
                Group::new("best")
                    .include(members)
                    .aggregator(|_: &[&Status]| Status::UP),
            )
            .group(
                Group::new("always")
                    .include(members)
                    .http_mapper(|_: &Status| StatusCode::OK),
            )
    });
    for (path, code, status) in [
        ("", 500, "FATAL"),
        ("/inherits", 500, "FATAL"),
        ("/partial", 500, "FATAL"),
        ("/order", 502, "DOWN"),
        ("/codes", 418, "FATAL"),
        ("/codes/down", 502, "DOWN"),
        ("/best", 200, "UP"),
        ("/best/down", 502, "DOWN"),
        ("/always", 200, "FATAL"),
        ("/always/down", 200, "DOWN"),
    ] {
        let answer = get(&management, &format!("/z/health{path}")).await;
        assert_eq!(answer.outcome(), (code, status.to_owned()), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_composite_is_aggregated_by_the_rules_of_the_group() {
    let management = management(|builder| {
        let pair = [
            Component::new("one", async || ()),
            Component::new("two", holds(Health::down())),
        ];
        let best_of = |statuses: &[&Status]| {
            if statuses.contains(&&Status::UP) {
                Status::UP
            } else {
                Status::DOWN
            }
        };
        builder
            .component(Component::composite("pair", pair))
            .group(Group::new("best").include(["pair"]).aggregator(best_of))
    });
    for (path, code, status) in [
        ("/z/health/pair", 503, "DOWN"),
        ("/z/health/best/pair", 200, "UP"),
        ("/z/health/best", 200, "UP"),
    ] {
        assert_eq!(
            get(&management, path).await.outcome(),
            (code, status.to_owned()),
            "{path}"
        );
    }
}
