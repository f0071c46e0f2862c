//! What the JSON and the HTTP codes look like under settings that an application may choose.
//!
//! Source: the model, the groups and the negotiation of Spring Boot's health endpoint.

use std::net::SocketAddr;

use axum::{Router, http::StatusCode};
use health_axum::{
    Management,
    core::{Builder, Component, Group, Health, HttpMapping, Severity, Show, Status},
};

use crate::support::{Answer, JSON, V2, V3, ask, get, serve};

const TREE: &str = concat!(
    r#""db":{"status":"UP","details":{"zone":"b","database":"PostgreSQL"}},"#,
    r#""livenessState":{"status":"UP"},"#,
    r#""pair":{"status":"DOWN","description":"two is out","components":{"#,
    r#""one":{"status":"UP"},"two":{"status":"DOWN","description":"two is out","details":{"rack":2}}}},"#,
    r#""ping":{"status":"UP"},"readinessState":{"status":"UP"}"#,
);

fn pair() -> Component {
    Component::composite(
        "pair",
        [
            Component::new("two", || async {
                Health::down().description("two is out").detail("rack", 2)
            }),
            Component::new("one", || async { true }),
        ],
    )
}

fn orders() -> Builder {
    Management::builder("orders")
        .check("db", || async {
            Health::up()
                .detail("zone", "b")
                .detail("database", "PostgreSQL")
        })
        .component(pair())
}

async fn serving(builder: Builder) -> SocketAddr {
    serve(health_axum::endpoints(&builder.build().unwrap())).await
}

/// One path and what must come of it.
struct Case<'a> {
    path: &'a str,
    code: u16,
    body: &'a str,
}

const fn case<'a>(path: &'a str, code: u16, body: &'a str) -> Case<'a> {
    Case { path, code, body }
}

async fn assert_answers(name: &str, server: SocketAddr, cases: &[Case<'_>]) {
    for Case { path, code, body } in cases {
        let answer = get(server, path).await;
        assert_eq!(
            (answer.code, answer.body.as_str()),
            (*code, *body),
            "{name}: {path}"
        );
    }
}

#[tokio::test]
async fn components_are_sorted_details_keep_their_order_and_nothing_empty_is_written() {
    let server = serving(orders().show_details(Show::Always)).await;
    let body = format!(
        r#"{{"status":"DOWN","description":"two is out","components":{{{TREE}}},"groups":["liveness","readiness","startup"]}}"#
    );
    assert_answers("whole", server, &[case("/z/health", 503, &body)]).await;
}

#[tokio::test]
async fn version_2_calls_components_details() {
    let server = serving(orders().show_details(Show::Always)).await;
    let new = get(server, "/z/health").await;
    let old = ask(server, "GET", "/z/health", &[("accept", V2)]).await;
    assert_eq!(old.content_type(), Some(V2));
    assert_eq!(
        old.body,
        new.body.replace(r#""components":"#, r#""details":"#)
    );
    assert_eq!(old.code, 503);
}

#[tokio::test]
async fn the_accept_header_decides_type_and_shape() {
    let server = serving(orders()).await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let admin = format!("{V3}, {V2}, application/vnd.spring-boot.actuator.v1+json, {JSON}");
    let json_or_v2 = format!("{JSON}, {V2};q=0.5");
    let cases = [
        ("nothing said", None, Some((V3, "components"))),
        ("anything", Some("*/*"), Some((V3, "components"))),
        ("a browser", Some(browser), Some((V3, "components"))),
        ("plain JSON", Some(JSON), Some((JSON, "components"))),
        ("version 3", Some(V3), Some((V3, "components"))),
        ("version 2", Some(V2), Some((V2, "details"))),
        ("Spring Boot Admin", Some(&admin), Some((V3, "components"))),
        (
            "plain JSON, knows version 2",
            Some(&json_or_v2),
            Some((JSON, "details")),
        ),
        ("plain text", Some("text/plain"), None),
    ];
    for (name, accept, expected) in cases {
        let headers: Vec<_> = accept
            .map(|accept| ("accept", accept))
            .into_iter()
            .collect();
        let answer = ask(server, "GET", "/z/health", &headers).await;
        match expected {
            Some((content_type, key)) => {
                assert_eq!(answer.content_type(), Some(content_type), "{name}");
                assert!(
                    answer.body.contains(&format!(r#","{key}":{{"db""#)),
                    "{name}: {}",
                    answer.body
                );
            }
            None => assert_eq!((answer.code, answer.body.as_str()), (406, ""), "{name}"),
        }
    }
}

#[tokio::test]
async fn who_sees_what() {
    let component = r#"{"status":"DOWN","description":"two is out"}"#;
    let hidden = r#"{"status":"DOWN","description":"two is out","groups":["liveness","readiness","startup"]}"#;
    let (db, two) = ("/z/health/db", "/z/health/pair/two");
    let cases = [
        (
            "components hidden",
            Show::Never,
            Show::Never,
            [
                case("/z/health", 503, hidden),
                case(db, 404, ""),
                case(two, 404, ""),
            ],
        ),
        (
            "details hidden",
            Show::Always,
            Show::Never,
            [
                case("/z/health/pair/one", 200, r#"{"status":"UP"}"#),
                case(db, 200, r#"{"status":"UP"}"#),
                case(two, 503, component),
            ],
        ),
        (
            "nothing hidden",
            Show::Always,
            Show::Always,
            [
                case("/z/health/pair/one", 200, r#"{"status":"UP"}"#),
                case(
                    db,
                    200,
                    r#"{"status":"UP","details":{"zone":"b","database":"PostgreSQL"}}"#,
                ),
                case(
                    two,
                    503,
                    r#"{"status":"DOWN","description":"two is out","details":{"rack":2}}"#,
                ),
            ],
        ),
    ];
    for (name, components, details, answers) in cases {
        let server = serving(orders().show_components(components).show_details(details)).await;
        assert_answers(name, server, &answers).await;
        assert_answers(name, server, &[case("/z/health/nowhere", 404, "")]).await;
    }
}

#[tokio::test]
async fn paths_walk_down_the_tree() {
    let server = serving(
        orders()
            .show_details(Show::Always)
            .check("a bü", || async { true }),
    )
    .await;
    let pair = r#"{"status":"DOWN","description":"two is out","components":{"one":{"status":"UP"},"two":{"status":"DOWN","description":"two is out","details":{"rack":2}}}}"#;
    let up = r#"{"status":"UP"}"#;
    let cases = [
        case("/z/health/pair", 503, pair),
        case("/z/health/pair/", 503, pair),
        case("/z/health/pair/one", 200, up),
        case("/z/health//pair//one//", 200, up),
        case("/z/health/p%61ir/one", 200, up),
        case("/z/health/pair%2Fone", 404, ""),
        case("/z/health/a%20b%C3%BC", 200, up),
        case("/z/health/%FF", 404, ""),
        case("/z/health/Pair", 404, ""),
        case("/z/health/pair/three", 404, ""),
        case("/z/health/pair/one/more", 404, ""),
        case("/z/health/liveness", 200, up),
        case("/z/health/readiness/db", 404, ""),
    ];
    assert_answers("walk", server, &cases).await;
}

#[tokio::test]
async fn statuses_decide_the_http_code() {
    let fatal = Status::from("FATAL");
    let cases = [
        ("up", Status::UP, 200),
        ("unknown", Status::UNKNOWN, 200),
        ("down", Status::DOWN, 503),
        ("out of service", Status::OUT_OF_SERVICE, 503),
        ("a status of one's own", fatal.clone(), 500),
    ];
    for (name, status, code) in cases {
        let reported = status.clone();
        let builder = Management::builder("orders")
            .custom_status(
                fatal.clone(),
                Severity::Above(Status::DOWN),
                StatusCode::INTERNAL_SERVER_ERROR,
            )
            .check("one", move || {
                let status = reported.clone();
                async move { Health::new(status) }
            })
            .group(
                Group::new("some")
                    .include(["one"])
                    .show_components(Show::Never),
            );
        let server = serving(builder).await;
        let body = format!(r#"{{"status":"{}"}}"#, status.code());
        let cases = [
            case("/z/health/one", code, &body),
            case("/z/health/some", code, &body),
        ];
        assert_answers(name, server, &cases).await;
    }
}

#[tokio::test]
async fn a_status_that_nobody_ranked_fails_the_whole() {
    let server =
        serving(Management::builder("orders").check("one", || async { Health::new("ODD") })).await;
    let answer = get(server, "/z/health").await;
    assert_eq!(answer.code, 503);
    assert!(
        answer.body.starts_with(r#"{"status":"DOWN","components":"#),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains(r#""one":{"status":"ODD"}"#),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn groups_select_and_have_rules_of_their_own() {
    let lenient = HttpMapping::new().with(&Status::DOWN, StatusCode::OK);
    let builder = orders()
        .group(
            Group::new("storage")
                .include(["db"])
                .show_details(Show::Always),
        )
        .group(Group::new("half").include(["pair/one", "db"]))
        .group(
            Group::new("without")
                .include(["db", "pair"])
                .exclude(["pair"]),
        )
        .group(
            Group::new("terse")
                .include(["pair"])
                .show_components(Show::Never),
        )
        .group(
            Group::new("optimist")
                .include(["pair"])
                .status_order(["UP", "DOWN"]),
        )
        .group(
            Group::new("always-200")
                .include(["pair/two"])
                .http_mapping(lenient),
        )
        .group(Group::new("nothing").exclude(["*"]));
    let server = serving(builder).await;
    let terse = r#"{"status":"DOWN","description":"two is out"}"#;
    let cases = [
        case(
            "/z/health/storage",
            200,
            r#"{"status":"UP","components":{"db":{"status":"UP","details":{"zone":"b","database":"PostgreSQL"}}}}"#,
        ),
        case("/z/health/storage/pair", 404, ""),
        case(
            "/z/health/half",
            200,
            r#"{"status":"UP","components":{"db":{"status":"UP"},"pair":{"status":"UP","components":{"one":{"status":"UP"}}}}}"#,
        ),
        case("/z/health/half/pair/one", 200, r#"{"status":"UP"}"#),
        case("/z/health/half/pair/two", 404, ""),
        case(
            "/z/health/without",
            200,
            r#"{"status":"UP","components":{"db":{"status":"UP"}}}"#,
        ),
        case("/z/health/terse", 503, terse),
        case("/z/health/terse/pair", 404, ""),
        case(
            "/z/health/always-200",
            200,
            r#"{"status":"DOWN","description":"two is out","components":{"pair":{"status":"DOWN","description":"two is out","components":{"two":{"status":"DOWN","description":"two is out"}}}}}"#,
        ),
        case("/z/health/nothing", 404, ""),
    ];
    assert_answers("groups", server, &cases).await;
    let optimist = get(server, "/z/health/optimist").await;
    assert_eq!(optimist.code, 200, "{}", optimist.body);
    assert!(
        optimist
            .body
            .starts_with(r#"{"status":"UP","components":{"pair":{"status":"UP","#)
    );
    let groups = r#""groups":["always-200","half","liveness","nothing","optimist","readiness","startup","storage","terse","without"]}"#;
    let whole = get(server, "/z/health").await;
    assert!(whole.body.ends_with(groups), "{}", whole.body);
}

#[tokio::test]
async fn a_probe_group_with_a_setting_keeps_its_members() {
    let builder = orders().group(Group::new("liveness").show_components(Show::Always));
    let server = serving(builder).await;
    let liveness = r#"{"status":"UP","components":{"livenessState":{"status":"UP"}}}"#;
    assert_answers(
        "liveness",
        server,
        &[case("/z/health/liveness", 200, liveness)],
    )
    .await;
}

#[tokio::test]
async fn components_count_where_they_are_registered() {
    let builder = Management::builder("orders")
        .check("health", || async { false })
        .component(Component::new("both", || async { true }).readiness())
        .component(Component::new("readiness_only", || async { true }).readiness_only());
    let server = serving(builder).await;
    let whole = get(server, "/z/health").await;
    for (name, is_shown) in [("health", true), ("both", true), ("readiness_only", false)] {
        assert_eq!(
            whole.body.contains(&format!(r#""{name}":{{"#)),
            is_shown,
            "{name}: {}",
            whole.body
        );
    }
    assert_eq!(whole.code, 503);
    let up = r#"{"status":"UP"}"#;
    let probes = [
        case("/z/health/readiness", 200, up),
        case("/z/health/liveness", 200, up),
    ];
    assert_answers("the failing check is on health only", server, &probes).await;
}

#[tokio::test]
async fn what_the_application_declares_of_itself_shows_in_the_probes() {
    use health_axum::core::{LivenessState, ReadinessState};
    let management = Management::builder("orders").build().unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    let (live, ready) = ("/z/health/liveness", "/z/health/readiness");
    let (up, down, out) = (
        r#"{"status":"UP"}"#,
        r#"{"status":"DOWN"}"#,
        r#"{"status":"OUT_OF_SERVICE"}"#,
    );
    assert_answers(
        "at first",
        server,
        &[case(live, 200, up), case(ready, 200, up)],
    )
    .await;
    management
        .availability()
        .set_readiness(ReadinessState::RefusingTraffic);
    assert_answers(
        "refusing",
        server,
        &[case(live, 200, up), case(ready, 503, out)],
    )
    .await;
    management
        .availability()
        .set_liveness(LivenessState::Broken);
    assert_answers(
        "broken",
        server,
        &[case(live, 503, down), case(ready, 503, out)],
    )
    .await;
    management
        .availability()
        .set_readiness(ReadinessState::AcceptingTraffic);
    assert_answers(
        "accepting",
        server,
        &[case(live, 503, down), case(ready, 200, up)],
    )
    .await;
}

#[tokio::test]
async fn methods_are_answered_alike_on_every_endpoint_however_it_is_mounted() {
    let endpoints = [
        "/z",
        "/z/health",
        "/z/health/db",
        "/z/health/liveness",
        "/z/info",
        "/z/version",
    ];
    let management = orders()
        .group(Group::new("liveness").additional_path("server:/livez"))
        .build()
        .unwrap();
    let merged = serve(health_axum::endpoints(&management)).await;
    let nested = Router::new().nest_service("/z", health_axum::nested(&management));
    let nested = serve(nested).await;
    for path in endpoints.iter().chain(&["/livez"]) {
        assert_methods(merged, path).await;
    }
    for path in endpoints {
        assert_methods(nested, path).await;
    }
    for server in [merged, nested] {
        for path in ["/z/nowhere", "/z/health/nowhere", "/z/"] {
            for method in ["GET", "HEAD", "OPTIONS", "POST"] {
                let answer = ask(server, method, path, &[]).await;
                assert_eq!(
                    (answer.code, answer.body.as_str()),
                    (404, ""),
                    "{method} {path}"
                );
                assert_eq!(answer.header("allow"), None, "{method} {path}");
            }
        }
    }
}

async fn assert_methods(server: SocketAddr, path: &str) {
    let headers = |mut answer: Answer| {
        answer.headers.remove("date");
        answer.headers
    };
    let got = get(server, path).await;
    let head = ask(server, "HEAD", path, &[]).await;
    assert_eq!(got.header("cache-control"), Some("no-store"), "{path}");
    assert_eq!(head.code, got.code, "{path}");
    assert_eq!(headers(head), headers(got), "{path}");
    for (method, code) in [
        ("OPTIONS", 200),
        ("POST", 405),
        ("PUT", 405),
        ("DELETE", 405),
        ("PATCH", 405),
        ("BREW", 405),
    ] {
        let answer = ask(server, method, path, &[]).await;
        assert_eq!(
            (answer.code, answer.body.as_str()),
            (code, ""),
            "{method} {path}"
        );
        assert_eq!(
            answer.header("allow"),
            Some("GET, HEAD, OPTIONS"),
            "{method} {path}"
        );
    }
}
