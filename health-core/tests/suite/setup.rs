//! What `build()` refuses, and what it accepts.

use std::time::Duration;

use health_core::{
    BuildError, Component, Group, HttpMapping, MAX_DURATION, Management, Probe, Probes, Refresh,
    Severity, Show, Status,
};
use http::StatusCode;

use crate::support::{get, ms};

fn leaf(name: impl Into<String>) -> Component {
    Component::new(name, async || ())
}

fn invalid() -> Result<Management, BuildError> {
    let code = |code| StatusCode::from_u16(code).expect("three digits");
    Management::builder("the\nshop")
        .base_path("no-slash")
        .healthz_path("/healthz/{name}")
        .concurrency(0)
        .deadline(Duration::ZERO)
        .answer_deadline(Duration::ZERO)
        .http_mapping(
            HttpMapping::new()
                .with(&"A".into(), code(599))
                .with(&"B".into(), code(204)),
        )
        .component(leaf(""))
        .component(leaf("a/b"))
        .component(leaf("twice"))
        .component(leaf("twice"))
        .component(leaf("x".repeat(129)))
        .component(leaf(".."))
        .component(leaf("tab\t"))
        .component(leaf("*"))
        .component(leaf(" blank"))
        .component(leaf("ping"))
        .component(leaf("readinessState"))
        .component(leaf("liveness"))
        .component(leaf("instant").deadline(Duration::ZERO))
        .component(leaf("endless").deadline(Duration::MAX))
        .component(leaf("interval").background(Refresh::every(Duration::MAX)))
        .component(leaf("pause").background(Refresh::default().while_down(Duration::ZERO)))
        .component(leaf("delay").background(Refresh::default().initial_delay(Duration::MAX)))
        .component(Component::composite("hollow", []))
        .component(Component::composite(
            "pair",
            [
                leaf("same"),
                leaf("same"),
                leaf("o/ne"),
                Component::composite("inner", [leaf("")]),
            ],
        ))
        .group(Group::new(""))
        .group(Group::new("g/h"))
        .group(Group::new("twice"))
        .group(Group::new("again"))
        .group(Group::new("again"))
        .group(Group::new("ping"))
        .group(
            Group::new("members")
                .include(["twice", "nope", "pair/nope"])
                .exclude(["gone", "PING"]),
        )
        .group(Group::new("none").include([""; 0]))
        .group(Group::new("mapped").http_mapping(HttpMapping::new().with(&Status::DOWN, code(100))))
        .group(Group::new("path1").additional_path("/healthz"))
        .group(Group::new("path2").additional_path("server:/a/b"))
        .group(Group::new("path3").additional_path("other:/a"))
        .group(Group::new("path4").additional_path("server:"))
        .group(Group::new("path5").additional_path("server:/{a}"))
        .group(Group::new("path6").additional_path("server:/shared"))
        .group(Group::new("path7").additional_path("server:shared"))
        .status_order(["DOWN", "UNKNOWN"])
        .group(Group::new("ordered").status_order(["DOWN"]))
        .custom_status("UP", Severity::Above(Status::DOWN), StatusCode::OK)
        .custom_status("--", Severity::Above(Status::DOWN), StatusCode::OK)
        .custom_status("LOST", Severity::Above("NOWHERE".into()), StatusCode::OK)
        .custom_status("ODD", Severity::Above(Status::DOWN), code(599))
        .custom_status("DOUBLE", Severity::Above(Status::DOWN), StatusCode::OK)
        .custom_status("double", Severity::Below(Status::UP), StatusCode::OK)
        .healthz("", async || ())
        .healthz("l/ive", async || ())
        .healthz("live", async || ())
        .healthz("live", async || ())
        .build()
}

/// What each problem must name, in the order of the report; each line is found exactly once.
const PROBLEMS: [&str; 56] = [
    "application `the\\nshop`: the name cannot stand in a path",
    "base path `no-slash`: must be empty or start with `/`",
    "healthz path `/healthz/{name}`: each segment must hold",
    "the concurrency must be at least 1",
    "the defaults: the deadline must be",
    "the answer: the deadline must be",
    "component: the name is empty",
    "component `a/b`: the name holds a `/`",
    "component `twice`: the name is used twice",
    "xxx`: the name is longer than 128 characters",
    "component `..`: the name cannot stand in a path",
    "component `tab\\t`: the name cannot stand in a path",
    "component `*`: the name",
    "component ` blank`: the name",
    "component `ping`: the name is used twice, or is one of our own",
    "component `readinessState`: the name is used twice, or is one of our own",
    "component `instant`: the deadline must be",
    "component `endless`: the deadline must be",
    "component `hollow`: the composite has no components",
    "component `pair/same`: the name is used twice",
    "component below `pair` `o/ne`: the name holds a `/`",
    "component below `pair/inner`: the name is empty",
    "healthz check: the name is empty",
    "healthz check `l/ive`: the name holds a `/`",
    "healthz check `live`: the name is used twice",
    "group: the name is empty",
    "group ``: a component has the same name",
    "group `g/h`: the name holds a `/`",
    "group `twice`: a component has the same name",
    "group `again`: defined twice",
    "group `ping`: a component has the same name",
    "group `liveness`: a component has the same name",
    "group `members`: there is no component `nope`",
    "group `members`: there is no component `pair/nope`",
    "group `members`: there is no component `gone`",
    "group `members`: there is no component `PING`",
    "group `none`: includes nothing",
    "group `mapped`: 100 is no registered HTTP code",
    "group `path1`: additional path `/healthz`: must start with",
    "group `path2`: additional path `server:/a/b`: must have exactly one path segment",
    "group `path3`: additional path `other:/a`: must start with",
    "group `path4`: additional path `server:`: must have exactly one path segment",
    "group `path5`: additional path `server:/{a}`: may hold",
    "group `path7`: additional path `server:shared`: another group has it",
    "custom status `UP`: the code is built in",
    "custom status `--`: the code is built in or has no letter",
    "custom status `LOST`: the status next to which it stands",
    "custom status `ODD`: 599 is no registered HTTP code",
    "custom status `double`: declared twice",
    "the HTTP mapping: 599 is no registered HTTP code",
    "the HTTP mapping: 204 is no registered HTTP code",
    "the order of severity: UP is missing",
    "group `ordered`: UP is missing",
    "component `interval`: the interval must be",
    "component `pause`: the interval must be",
    "component `delay`: the initial delay must be",
];

#[test]
fn every_problem_is_listed_at_once() {
    let error = invalid().expect_err("it is invalid");
    let problems: Vec<&str> = error.problems().collect();
    for text in PROBLEMS {
        let count = problems
            .iter()
            .filter(|problem| problem.contains(text))
            .count();
        assert_eq!(count, 1, "{text}: {problems:#?}");
    }
    let unexpected: Vec<_> = problems
        .iter()
        .filter(|problem| !PROBLEMS.iter().any(|text| problem.contains(text)))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");

    let shown = error.to_string();
    assert!(
        shown.starts_with("the management endpoints cannot be built: "),
        "{shown}"
    );
    assert!(
        problems.iter().all(|problem| shown.contains(problem)),
        "{shown}"
    );
    assert!(!shown.contains('\n'), "one line: {shown}");
}

#[test]
fn paths_that_meet_are_refused() {
    let builder = || Management::builder("orders").healthz("live", async || ());
    let on = |path: &str| Group::new("g").additional_path(path);
    let cases = [
        ("healthz at the base path", builder().base_path("/healthz")),
        (
            "healthz below the base path",
            builder().healthz_path("/z/healthz"),
        ),
        ("base path below healthz", builder().base_path("/healthz/z")),
        ("healthz at the root", builder().healthz_path("")),
        ("healthz at the root, spelled", builder().healthz_path("/")),
        (
            "healthz at health",
            builder().base_path("").healthz_path("/health"),
        ),
        (
            "healthz below health",
            builder().base_path("/").healthz_path("/health/z"),
        ),
        (
            "healthz at info",
            builder().base_path("").healthz_path("/info"),
        ),
        (
            "healthz at version",
            builder().base_path("").healthz_path("/version"),
        ),
        (
            "additional path at the base path",
            builder().group(on("server:/z")),
        ),
        (
            "and on the other server",
            builder().group(on("management:/z")),
        ),
        (
            "additional path at health",
            builder().base_path("").group(on("server:/health")),
        ),
        (
            "and on the other server",
            builder().base_path("").group(on("management:/info")),
        ),
    ];
    for (name, builder) in cases {
        let error = builder.build().expect_err(name);
        assert_eq!(error.problems().count(), 1, "{name}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn odd_set_ups_that_are_valid_work() {
    let builder = || Management::builder("orders");
    let longest = "n".repeat(128);
    let cases = [
        ("nothing but a name", builder()),
        (
            "a name with blanks and unicode",
            Management::builder("größe, 2 \"x\""),
        ),
        (
            "the longest names",
            Management::builder(longest.clone()).component(leaf(longest.clone())),
        ),
        ("a name of dots", builder().component(leaf("..."))),
        (
            "names that differ in case",
            builder().component(leaf("db")).component(leaf("DB")),
        ),
        ("the same name in two composites", {
            let composite = |name| Component::composite(name, [leaf("same")]);
            builder()
                .component(composite("a"))
                .component(composite("b"))
                .component(leaf("same"))
        }),
        (
            "names of our own, below",
            builder().component(Component::composite("a", [leaf("ping"), leaf("liveness")])),
        ),
        (
            "names of our endpoints",
            builder().component(leaf("health")).component(leaf("info")),
        ),
        ("markup in a name", builder().component(leaf("<b>{x}*?"))),
        (
            "a healthz check called like a component",
            builder().component(leaf("db")).healthz("db", async || ()),
        ),
        (
            "a group of groups' names",
            builder().group(Group::new("health")).group(Group::new("z")),
        ),
        (
            "a member that a check may report",
            builder()
                .component(leaf("db"))
                .group(Group::new("g").include(["db/node/disk"])),
        ),
        (
            "a group without members",
            builder()
                .component(leaf("db"))
                .group(Group::new("g").include(["db"]).exclude(["*"])),
        ),
        (
            "own components in a group",
            builder().group(Group::new("g").include(["ping", "livenessState", "readinessState"])),
        ),
        ("one path on two servers", {
            let on = |name, path: &str| Group::new(name).additional_path(path);
            builder()
                .group(on("a", "server:/x"))
                .group(on("b", "management:/x"))
        }),
        ("the bare path of healthz", {
            builder()
                .healthz("live", async || ())
                .group(Group::new("g").additional_path("server:/healthz"))
        }),
        (
            "a path beside the base path",
            builder()
                .base_path("/a/b")
                .group(Group::new("g").additional_path("server:/a")),
        ),
        (
            "base path with a slash behind it",
            builder().base_path("/a/b//"),
        ),
        (
            "base path of many kinds of characters",
            builder().base_path("/A-z_0.9~"),
        ),
        (
            "healthz path that begins like the base path",
            builder().healthz("live", async || ()).healthz_path("/zz"),
        ),
        (
            "healthz path at the base path, without checks",
            builder().healthz_path("/z"),
        ),
        (
            "the longest deadline",
            builder()
                .deadline(MAX_DURATION)
                .answer_deadline(MAX_DURATION)
                .component(leaf("db")),
        ),
        (
            "the shortest deadline",
            builder()
                .deadline(Duration::from_nanos(1))
                .component(leaf("db")),
        ),
        ("an order of UP only", builder().status_order(["up"])),
        ("no limits", {
            let builder = builder()
                .concurrency(usize::MAX)
                .details_limit_bytes(usize::MAX);
            builder.max_hops(usize::MAX).transitions_kept(usize::MAX)
        }),
        (
            "probes beyond the clock",
            builder().probes(Probes::default().liveness(Probe::new(Duration::MAX, u32::MAX))),
        ),
        (
            "all limits",
            builder()
                .concurrency(1)
                .details_limit_bytes(0)
                .max_hops(0)
                .transitions_kept(0),
        ),
        ("custom statuses that lean on each other", {
            builder()
                .custom_status(
                    "FATAL",
                    Severity::Above(Status::DOWN),
                    StatusCode::INTERNAL_SERVER_ERROR,
                )
                .custom_status(
                    "WORSE",
                    Severity::Above("fatal".into()),
                    StatusCode::INTERNAL_SERVER_ERROR,
                )
        }),
    ];
    for (name, builder) in cases {
        let management = match builder
            .show_details(Show::Always)
            .answer_deadline(ms(500))
            .build()
        {
            Ok(management) => management,
            Err(error) => panic!("{name}: {error}"),
        };
        let path = format!("{}/health", management.base_path());
        let answer = get(&management, &path).await;
        assert!([200, 503].contains(&answer.status), "{name}: {answer:?}");
        assert!(!answer.text_at("/status").is_empty(), "{name}: {answer:?}");
        let liveness = get(&management, &format!("{path}/liveness")).await;
        assert_eq!(liveness.outcome(), (200, "UP".to_owned()), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_deadline_can_be_waited_for() {
    let management = crate::support::management(|builder| {
        builder
            .deadline(MAX_DURATION)
            .check("hangs", crate::support::Hangs)
    });
    let (answer, took) = crate::support::timed(get(&management, "/z/health")).await;
    assert_eq!(answer.status, 503);
    assert_eq!(took.as_secs(), MAX_DURATION.as_secs());
}
