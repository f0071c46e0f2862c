//! What a path below the base path means. Source: Spring Boot `HealthEndpointSupport`.

use health_core::{Component, Group, Health, MAX_NAME_CHARACTERS, Management};

use crate::support::{get, holds, management};

fn shop() -> Management {
    let nodes = Health::up().component("node", Health::up().component("disk", Health::down()));
    let pair = [
        Component::new("one", holds(Health::up())),
        Component::composite("inner", [Component::new("leaf", holds(Health::up()))]),
    ];
    management(|builder| {
        builder
            .version("1.2.3")
            .check("db", holds(Health::up()))
            .check("größe ☃", holds(Health::up()))
            .check("a%2Fb", holds(Health::up()))
            .check("%zz", holds(Health::up()))
            .check("health", holds(Health::up()))
            .check("cluster", holds(nodes))
            .component(Component::composite("pair", pair))
            .group(Group::new("data").include(["db", "pair"]))
            .group(Group::new("nothing").include(["db"]).exclude(["db"]))
    })
}

#[tokio::test(start_paused = true)]
async fn paths_lead_to_endpoints_groups_and_components() {
    let shop = shop();
    let cases = [
        ("the base path", "/z", 200),
        ("info", "/z/info", 200),
        ("version", "/z/version", 200),
        ("root", "/z/health", 200),
        ("ping", "/z/health/ping", 200),
        ("liveness", "/z/health/liveness", 200),
        ("readiness", "/z/health/readiness", 200),
        ("its state as a component", "/z/health/livenessState", 200),
        ("leaf", "/z/health/db", 200),
        ("composite", "/z/health/pair", 200),
        ("in a composite", "/z/health/pair/one", 200),
        ("two levels down", "/z/health/pair/inner/leaf", 200),
        ("group", "/z/health/data", 200),
        (
            "group, then from the root of the tree",
            "/z/health/data/pair/inner/leaf",
            200,
        ),
        ("reported by the check", "/z/health/cluster/node", 200),
        ("reported, and DOWN", "/z/health/cluster/node/disk", 503),
        (
            "a component called like the endpoint",
            "/z/health/health",
            200,
        ),
        //
        ("unknown component", "/z/health/nope", 404),
        ("another case", "/z/health/DB", 404),
        ("prefix of a name", "/z/health/d", 404),
        ("unknown child", "/z/health/pair/nope", 404),
        ("leaf with segments left", "/z/health/db/x", 404),
        ("ping with segments left", "/z/health/ping/x", 404),
        ("state with segments left", "/z/health/livenessState/x", 404),
        ("not reported", "/z/health/cluster/nope", 404),
        (
            "below what is reported",
            "/z/health/cluster/node/disk/x",
            404,
        ),
        ("not a member of the group", "/z/health/data/cluster", 404),
        ("group in a group", "/z/health/data/data", 404),
        ("group without members", "/z/health/nothing", 404),
        ("below a group without members", "/z/health/nothing/db", 404),
        ("dot segments are names", "/z/health/pair/../db", 404),
        //
        ("trailing slash", "/z/health/", 200),
        ("trailing slash behind a component", "/z/health/db/", 200),
        ("trailing slash behind a group", "/z/health/data/", 200),
        ("doubled slashes", "/z/health//pair///one//", 200),
        ("nothing but slashes", "/z/health////", 200),
        (
            "trailing slash behind what is unknown",
            "/z/health/nope/",
            404,
        ),
        //
        ("slash behind the base path", "/z/", 404),
        ("slash behind info", "/z/info/", 404),
        ("slash behind version", "/z/version/", 404),
        ("below info", "/z/info/x", 404),
        ("below version", "/z/version/x", 404),
        ("doubled slash before the endpoint", "/z//health", 404),
        ("doubled slash before the base path", "//z/health", 404),
        ("no slash behind the base path", "/zhealth", 404),
        ("longer endpoint", "/z/healthy", 404),
        ("another case of the endpoint", "/z/Health", 404),
        ("extension of health", "/z/health.json", 404),
        ("extension of info", "/z/info.json", 404),
        ("extension of a component", "/z/health/db.json", 404),
        ("unknown endpoint", "/z/env", 404),
        ("outside of the base path", "/health", 404),
        ("root of the server", "/", 404),
        ("healthz, where nothing is set up", "/healthz/live", 404),
        //
        ("encoded letter", "/z/health/%64b", 200),
        (
            "encoded in lower case",
            "/z/health/gr%c3%b6%c3%9fe%20%e2%98%83",
            200,
        ),
        (
            "encoded in upper case",
            "/z/health/gr%C3%B6%C3%9Fe%20%E2%98%83",
            200,
        ),
        ("unicode as it is", "/z/health/größe%20☃", 200),
        ("encoded percent sign", "/z/health/a%252Fb", 200),
        ("decoded once only", "/z/health/%2564b", 404),
        (
            "encoded slash separates nothing",
            "/z/health/pair%2Fone",
            404,
        ),
        (
            "encoded slash is no slash of its own",
            "/z/health%2Fdb",
            404,
        ),
        ("what is no encoding means itself", "/z/health/%zz", 200),
        ("cut encoding", "/z/health/db%6", 404),
        ("no UTF-8", "/z/health/%ff%fe", 404),
        ("no UTF-8 behind a component", "/z/health/pair/%c3%28", 404),
        ("encoded NUL", "/z/health/db%00", 404),
        ("plus is no blank", "/z/health/größe+☃", 404),
    ];
    for (name, path, status) in cases {
        let answer = get(&shop, path).await;
        assert_eq!(answer.status, status, "{name}: {path}: {answer:?}");
        assert_eq!(
            answer.body.is_empty(),
            status == 404,
            "{name}: {path}: {answer:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_trailing_slash_changes_nothing_of_the_answer() {
    let shop = shop();
    for path in [
        "/z/health",
        "/z/health/db",
        "/z/health/data",
        "/z/health/cluster/node",
    ] {
        assert_eq!(
            get(&shop, path).await,
            get(&shop, &format!("{path}//")).await,
            "{path}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn names_may_have_128_characters_and_no_more() {
    let named = |component: String, group: String| {
        let builder = Management::builder("orders").check(component, async || ());
        builder.group(Group::new(group)).build()
    };
    assert_eq!(MAX_NAME_CHARACTERS, 128);
    let management = named("ü".repeat(128), "g".repeat(128)).expect("128 characters are allowed");
    for path in ["%C3%BC", "g"].map(|name| format!("/z/health/{}", name.repeat(128))) {
        assert_eq!(get(&management, &path).await.status, 200);
    }
    let problems = named("ü".repeat(129), "g".repeat(129)).expect_err("129 characters are refused");
    for problem in problems.problems() {
        assert!(problem.contains("longer than 128 characters"), "{problem}");
    }
    assert_eq!(problems.problems().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn reported_components_are_found_on_every_run() {
    let management = management(|builder| {
        let nodes = ["a", "b"].map(|node| Health::up().component(node, Health::up()));
        builder.check("cluster", crate::support::Sequence::new(nodes))
    });
    assert_eq!(get(&management, "/z/health/cluster/a").await.status, 200);
    assert_eq!(
        get(&management, "/z/health/cluster/a").await.status,
        404,
        "it is gone"
    );
    assert_eq!(get(&management, "/z/health/cluster/b").await.status, 200);
}
