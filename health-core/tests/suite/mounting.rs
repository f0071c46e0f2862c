//! Where the endpoints are: base paths, additional paths, mounted below a prefix, and the links of
//! the discovery page. Source: Spring Boot `EndpointLinksResolver`, `AdditionalHealthEndpointPath`.

use health_core::{Group, Health, Management, Route, Server};
use serde_json::json;

use crate::support::{ask, get, holds, management};

fn at(base_path: &str) -> Management {
    management(|builder| {
        builder
            .base_path(base_path)
            .version("1.2.3")
            .check("db", async || ())
    })
}

#[tokio::test(start_paused = true)]
async fn the_base_path_can_be_anywhere() {
    let cases: [(&str, &str, &[&str]); 6] = [
        ("/z", "/z", &["/health", "/zz/health", "/z/z/health"]),
        (
            "/admin",
            "/admin",
            &[
                "/z/health",
                "/health",
                "/Admin/health",
                "/admin/admin/health",
            ],
        ),
        ("/admin/", "/admin", &["/admin//health"]),
        ("/a/b", "/a/b", &["/a/health", "/b/health", "/a//b/health"]),
        ("", "", &["/z/health", "//health"]),
        ("/", "", &["/z/health", "//health"]),
    ];
    for (given, base, absent) in cases {
        let management = at(given);
        assert_eq!(management.base_path(), base, "{given}");
        for (path, status, is_ours) in [
            ("/health", 200, true),
            ("/health/db", 200, true),
            ("/health/db/", 200, true),
            ("/health/nope", 404, true),
            ("/info", 200, true),
            ("/info/", 404, false),
            ("/version", 200, true),
            ("/", 404, false),
        ] {
            let path = format!("{base}{path}");
            assert_eq!(
                get(&management, &path).await.status,
                status,
                "{given}: {path}"
            );
            assert_eq!(
                management.has_path(&path, Server::Application),
                is_ours,
                "{given}: {path}"
            );
        }
        for path in absent {
            assert_eq!(get(&management, path).await.status, 404, "{given}: {path}");
            assert!(
                !management.has_path(path, Server::Application),
                "{given}: {path}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_discovery_page_is_at_the_base_path_and_not_at_the_root() {
    for (base, path, status) in [
        ("/z", "/z", 200),
        ("/a/b", "/a/b", 200),
        ("/a/b", "/a", 404),
        ("", "/", 404),
        ("/", "/", 404),
    ] {
        assert_eq!(get(&at(base), path).await.status, status, "{base}: {path}");
    }
    let without = management(|builder| builder.without_discovery());
    assert_eq!(get(&without, "/z").await.status, 404);
    assert_eq!(get(&without, "/z/health").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn discovery_links_start_with_what_the_client_asked() {
    let management = at("/a/b");
    let page = ask(&management, "GET", "/a/b")
        .header("host", "orders.example:8080")
        .await;
    let here = "http://orders.example:8080/a/b";
    let link =
        |path: &str| json!({"href": format!("{here}{path}"), "templated": path.contains('{')});
    for (id, path) in [
        ("self", ""),
        ("health", "/health"),
        ("health-path", "/health/{*path}"),
        ("info", "/info"),
        ("version", "/version"),
    ] {
        assert_eq!(page.at(&format!("/_links/{id}")), link(path), "{id}");
    }
    assert!(page.body.starts_with(r#"{"_links":{"self":"#), "{page:?}");

    let secure = ask(&management, "GET", "/a/b")
        .header("host", "orders")
        .secure()
        .await;
    assert_eq!(
        secure.at("/_links/info/href"),
        json!("https://orders/a/b/info")
    );
    let mounted = ask(&management, "GET", "")
        .mounted("/proxy/x/")
        .header("host", "[::1]:80")
        .await;
    assert_eq!(
        mounted.at("/_links/self/href"),
        json!("http://[::1]:80/proxy/x")
    );
}

#[tokio::test(start_paused = true)]
async fn every_link_leads_to_an_answer() {
    let management = at("/z");
    let page = get(&management, "/z").await.at("/_links");
    let links = page.as_object().expect("links");
    assert!(links.len() >= 5, "{page}");
    for (id, link) in links {
        let path = link["href"]
            .as_str()
            .expect("a link")
            .replace("{*path}", "db");
        let options = ask(&management, "OPTIONS", &path).await;
        assert_eq!(options.status, 200, "{id}: {path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_cannot_stand_in_a_link_leaves_the_links_relative() {
    let management = at("/z");
    let long = "a/".repeat(5_000);
    let hosts: [&[u8]; 9] = [
        b"",
        b"evil\"onmouseover=",
        b"user:password@evil",
        b"evil/path?x#y",
        b"evil host",
        b"<script>",
        b"\xff\xfe",
        b"a, b",
        long.as_bytes(),
    ];
    for host in hosts {
        let page = ask(&management, "GET", "/z").header("host", host).await;
        let name = String::from_utf8_lossy(host);
        assert_eq!(page.at("/_links/self/href"), json!("/z"), "{name}");
        assert_eq!(page.at("/_links/health/href"), json!("/z/health"), "{name}");
    }
    let twice = ask(&management, "GET", "/z")
        .header("host", "a")
        .header("host", "b")
        .await;
    assert_eq!(twice.at("/_links/self/href"), json!("/z"));
}

#[tokio::test(start_paused = true)]
async fn a_framework_may_take_the_base_path_off() {
    let management = management(|builder| {
        builder
            .version("1.2.3")
            .check("db", async || ())
            .group(
                Group::new("data")
                    .include(["db"])
                    .additional_path("server:/dataz"),
            )
            .healthz("live", async || ())
    });
    for (path, status) in [
        ("", 200),
        ("/info", 200),
        ("/version", 200),
        ("/health", 200),
        ("/health/db/", 200),
        ("/health/dataz", 200),
        ("/", 404),
        ("/info/", 404),
        ("/z/health", 404),
        ("health", 404),
        ("/dataz", 404),
        ("/healthz/live", 404),
    ] {
        let sent = format!("/internal{path}");
        let answer = ask(&management, "GET", path).mounted(&sent).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn additional_paths_are_exact_and_on_their_server_only() {
    use Server::{Application, Management};
    let management = management(|builder| {
        builder
            .check("db", holds(Health::down()))
            .group(Group::new("readiness").additional_path("server:/readyz"))
            .group(
                Group::new("data")
                    .include(["db"])
                    .additional_path("management:dataz"),
            )
    });
    let cases = [
        ("on its server", "/readyz", Application, 200),
        ("below health too", "/z/health/readyz", Application, 200),
        (
            "below health, then a member, which is hidden",
            "/z/health/readyz/readinessState",
            Application,
            404,
        ),
        (
            "by its name on the other server",
            "/z/health/readiness",
            Management,
            200,
        ),
        ("not on the other server", "/readyz", Management, 404),
        (
            "not below health there either",
            "/z/health/readyz",
            Management,
            404,
        ),
        ("on the management server", "/dataz", Management, 503),
        ("below health there", "/z/health/dataz", Management, 503),
        ("and a member", "/z/health/dataz/db", Management, 503),
        ("not on the application's", "/dataz", Application, 404),
        (
            "not below health there",
            "/z/health/dataz",
            Application,
            404,
        ),
        ("no member below it", "/dataz/db", Management, 404),
        ("no trailing slash", "/readyz/", Application, 404),
        ("no doubled slash", "//readyz", Application, 404),
        ("not below the base path", "/z/readyz", Application, 404),
        ("not encoded", "/ready%7A", Application, 404),
    ];
    for (name, path, server, status) in cases {
        let answer = ask(&management, "GET", path).server(server).await;
        assert_eq!(answer.status, status, "{name}: {path}");
    }
    let by_path = ask(&management, "GET", "/readyz").await;
    assert_eq!(
        by_path,
        get(&management, "/z/health/readiness").await,
        "the same answer"
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_by_its_name_before_another_groups_path() {
    let management = management(|builder| {
        builder
            .check("a", async || ())
            .check("b", async || ())
            .group(
                Group::new("first")
                    .include(["a"])
                    .additional_path("server:/second"),
            )
            .group(Group::new("second").include(["b"]))
    });
    assert_eq!(
        get(&management, "/z/health/second").await.component_names(),
        "b"
    );
    assert_eq!(get(&management, "/second").await.component_names(), "a");
}

#[test]
fn routes_name_all_paths_of_a_server() {
    let exact = |path: &str| Route::Exact(path.to_owned());
    let below = |path: &str| Route::Below(path.to_owned());
    let with_groups = |base: &str| {
        management(|builder| {
            builder
                .base_path(base)
                .healthz("live", async || ())
                .group(Group::new("readiness").additional_path("server:readyz"))
                .group(Group::new("liveness").additional_path("management:/livez"))
        })
    };
    assert_eq!(
        with_groups("/z").routes(Server::Application),
        [
            exact("/z"),
            exact("/readyz"),
            below("/z/"),
            below("/healthz/")
        ]
    );
    let at_root = with_groups("");
    let routes = at_root.routes(Server::Management);
    for route in [
        exact("/health"),
        exact("/info"),
        exact("/version"),
        exact("/livez"),
    ] {
        assert!(routes.contains(&route), "{route:?}: {routes:?}");
    }
    assert!(
        routes.ends_with(&[below("/health/"), below("/healthz/")]),
        "{routes:?}"
    );
    for route in &routes {
        let (Route::Exact(path) | Route::Below(path)) = route;
        let is_ours = at_root.has_path(path, Server::Management);
        assert!(is_ours, "{route:?} leads nowhere");
        let elsewhere = at_root.has_path(path, Server::Application);
        assert_eq!(
            elsewhere,
            path != "/livez",
            "{route:?} is on one server only"
        );
    }
    assert_eq!(
        at("/a/b").routes(Server::Application),
        [exact("/a/b"), below("/a/b/")]
    );
}
