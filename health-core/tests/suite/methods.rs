//! What each HTTP method gets. Source: Spring Framework `RequestMappingInfoHandlerMapping`.

use health_core::{Component, Group, Health, Management, Show};

use crate::support::{Runs, ask, get, holds, management};

fn shop(runs: &Runs) -> Management {
    management(|builder| {
        builder
            .version("1.2.3")
            .check("db", runs.count(holds(Health::down())))
            .component(Component::composite(
                "pair",
                [Component::new("one", runs.count(async || ()))],
            ))
            .group(
                Group::new("data")
                    .include(["db"])
                    .additional_path("server:/dataz"),
            )
            .group(Group::new("nothing").include(["db"]).exclude(["*"]))
            .healthz("live", runs.count(async || ()))
    })
}

const PRESENT: [&str; 11] = [
    "/z",
    "/z/info",
    "/z/version",
    "/z/health",
    "/z/health/",
    "/z/health/db",
    "/z/health/pair/one",
    "/z/health/liveness",
    "/z/health/data/db",
    "/dataz",
    "/healthz/live",
];

const ABSENT: [&str; 8] = [
    "/",
    "/z/",
    "/z/nope",
    "/z/health/nope",
    "/z/health/db/x",
    "/z/health/nothing",
    "/dataz/db",
    "/healthz/nope",
];

#[tokio::test(start_paused = true)]
async fn head_has_the_status_and_headers_of_get() {
    let runs = Runs::default();
    let shop = shop(&runs);
    for path in PRESENT.iter().chain(&ABSENT) {
        // The server leaves the body out and needs its length for that.
        assert_eq!(
            ask(&shop, "HEAD", path).await,
            get(&shop, path).await,
            "{path}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn options_tell_what_is_allowed_where_something_is() {
    let runs = Runs::default();
    let shop = shop(&runs);
    for path in PRESENT {
        let answer = ask(&shop, "OPTIONS", path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{path}");
        assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{path}");
    }
    for path in ABSENT {
        let answer = ask(&shop, "OPTIONS", path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.body.is_empty(),
            !path.starts_with("/healthz"),
            "{path}"
        );
    }
    assert_eq!(
        ask(&shop, "OPTIONS", "*").await.status,
        404,
        "the server as a whole is not ours"
    );
    tokio::task::yield_now().await;
    assert_eq!(runs.started(), 0, "no check runs");
}

#[tokio::test(start_paused = true)]
async fn other_methods_are_refused_where_something_is() {
    let runs = Runs::default();
    let shop = shop(&runs);
    for method in [
        "POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "get", "BREW", "",
    ] {
        for path in PRESENT {
            let answer = ask(&shop, method, path).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (405, ""),
                "{method} {path}"
            );
        }
        for path in ABSENT {
            assert_eq!(
                ask(&shop, method, path).await.status,
                404,
                "{method} {path}"
            );
        }
    }
    tokio::task::yield_now().await;
    assert_eq!(runs.started(), 0, "no check runs");
}

#[tokio::test(start_paused = true)]
async fn options_know_reported_components_by_the_last_run() {
    let runs = Runs::default();
    let nodes = Health::up().component("node", Health::up());
    let management = management(|builder| {
        builder
            .check("cluster", runs.count(holds(nodes)))
            .show_components(Show::Always)
    });
    let options = |path| ask(&management, "OPTIONS", path);
    assert_eq!(options("/z/health/cluster").await.status, 200);
    assert_eq!(
        options("/z/health/cluster/node").await.status,
        404,
        "nothing has been reported yet"
    );
    assert_eq!(get(&management, "/z/health/cluster").await.status, 200);
    assert_eq!(options("/z/health/cluster/node").await.status, 200);
    assert_eq!(options("/z/health/cluster/nope").await.status, 404);
    assert_eq!(runs.started(), 1);
}
