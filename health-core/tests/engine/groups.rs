//! The probes' groups and their paths.

use health_core::{
    Component, Group, HttpMapping, Management, Request, Server, Show,
    test_util::{Script, ask},
};
use http::HeaderMap;

use crate::support::{get, management};

#[tokio::test(start_paused = true)]
async fn the_probes_groups_are_always_there() {
    let own = management(|builder| builder.group(Group::new("data").include(["ping"])));
    for (management, groups) in [
        (
            management(|builder| builder),
            vec!["liveness", "readiness", "startup"],
        ),
        (own, vec!["data", "liveness", "readiness", "startup"]),
    ] {
        assert_eq!(get(&management, "/z/health").await.names("/groups"), groups);
        for group in groups {
            let answer = get(&management, &format!("/z/health/{group}")).await;
            assert_eq!(answer.outcome(), (200, "UP"), "{group}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_property_of_a_probes_group_leaves_its_members() {
    let cases: [(&str, fn(Group) -> Group); 6] = [
        ("details", |group| group.show_details(Show::Always)),
        ("roles", |group| group.roles(["admin"])),
        ("order", |group| {
            group.status_order(["DOWN", "OUT_OF_SERVICE", "UP"])
        }),
        ("codes", |group| group.http_mapping(HttpMapping::new())),
        ("path", |group| group.additional_path("server:/probe")),
        ("exclude", |group| group.exclude(["ping"])),
    ];
    let groups = [
        ("liveness", vec!["livenessState"]),
        ("readiness", vec!["db", "readinessState"]),
        ("startup", vec!["startupState"]),
    ];
    for (name, members) in groups {
        for (property, set) in cases {
            let management = management(|builder| {
                let group = set(Group::new(name).show_components(Show::Always));
                builder
                    .component(Component::new("db", Script::up()).readiness())
                    .check("other", Script::down())
                    .group(group)
            });
            let answer = get(&management, &format!("/z/health/{name}")).await;
            assert_eq!(answer.outcome(), (200, "UP"), "{name}: {property}");
            assert_eq!(answer.names("/components"), members, "{name}: {property}");
        }
    }
}

async fn codes(management: &Management, paths: &[&str]) -> Vec<u16> {
    let mut codes = Vec::new();
    for path in paths {
        codes.push(ask(management, path).await.status);
    }
    codes
}

#[tokio::test(start_paused = true)]
async fn one_switch_puts_the_probes_on_the_root_unless_a_group_has_a_path_of_its_own() {
    let paths = ["/livez", "/readyz", "/startupz", "/ready"];
    let without = management(|builder| builder);
    assert_eq!(codes(&without, &paths).await, [404; 4]);
    let by_switch = management(|builder| builder.probe_paths());
    assert_eq!(codes(&by_switch, &paths).await, [200, 200, 200, 404]);
    let with_own = management(|builder| {
        builder
            .probe_paths()
            .group(Group::new("readiness").additional_path("server:/ready"))
    });
    assert_eq!(codes(&with_own, &paths).await, [200, 404, 200, 200]);
}

#[tokio::test(start_paused = true)]
async fn the_paths_of_the_probes_answer_for_their_groups() {
    let management = management(|builder| {
        builder
            .probe_paths()
            .component(Component::new("db", Script::down()).readiness())
    });
    for (path, outcome) in [
        ("/livez", (200, "UP")),
        ("/readyz", (503, "DOWN")),
        ("/startupz", (200, "UP")),
    ] {
        assert_eq!(get(&management, path).await.outcome(), outcome, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_of_the_management_server_is_not_on_that_of_the_application() {
    let management = management(|builder| {
        let [inner, outer] = ["management:/inner", "server:/outer"];
        builder
            .group(Group::new("readiness").additional_path(inner))
            .group(Group::new("liveness").additional_path(outer))
    });
    let headers = HeaderMap::new();
    for (path, server, code) in [
        ("/inner", Server::Application, 404),
        ("/inner", Server::Management, 200),
        ("/outer", Server::Application, 200),
        ("/outer", Server::Management, 404),
    ] {
        let reply = management.respond(&Request::new("GET", path, &headers).server(server));
        assert_eq!(reply.await.status(), code, "{path} on {server:?}");
    }
}
