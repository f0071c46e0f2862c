//! Which of the endpoints the discovery page names, and what an adapter routes.

use health_core::{Group, Management, Route, Server, Show};

use crate::support::{Asker, ask, get, management};

async fn links(management: &Management, asker: Asker) -> String {
    let page = ask(management, "GET", "/z", &[], asker).await.json();
    let links = page["_links"].as_object().expect("links");
    let mut names: Vec<&str> = links.keys().map(String::as_str).collect();
    names.sort_unstable();
    names.join(" ")
}

#[tokio::test]
async fn links_lead_to_what_is_there_for_the_asker() {
    let all = management(|builder| builder.show_details(Show::WhenAuthorized));
    let public = "health health-path info openapi prometheus self version";
    assert_eq!(links(&all, Asker::Anonymous).await, public);
    assert_eq!(
        links(&all, Asker::Operator).await,
        "health health-path info openapi prometheus self transitions version"
    );
    let fewer = management(|builder| builder.without_prometheus().without_openapi());
    assert_eq!(
        links(&fewer, Asker::Anonymous).await,
        "health health-path info self version"
    );
    for path in ["/z/prometheus", "/z/openapi.json"] {
        for method in ["GET", "OPTIONS", "POST"] {
            assert_eq!(
                ask(&fewer, method, path, &[], Asker::Anonymous)
                    .await
                    .status,
                404,
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn each_endpoint_answers_the_methods_like_the_others() {
    let management = management(|builder| builder.show_details(Show::Always));
    for path in ["/z/prometheus", "/z/openapi.json", "/z/transitions"] {
        let answer = get(&management, path).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (200, Some("no-store")),
            "{path}"
        );
        for (method, status) in [("HEAD", 200), ("OPTIONS", 200), ("POST", 405)] {
            assert_eq!(
                ask(&management, method, path, &[], Asker::Anonymous)
                    .await
                    .status,
                status,
                "{method} {path}"
            );
        }
        assert_eq!(
            get(&management, &format!("{path}/")).await.status,
            404,
            "{path}/"
        );
    }
}

#[test]
fn on_the_root_each_path_is_routed_and_taken() {
    let exact = |management: &Management| -> Vec<String> {
        let routes = management.routes(Server::Application).into_iter();
        routes
            .filter_map(|route| match route {
                Route::Exact(path) => Some(path),
                Route::Below(_) => None,
            })
            .collect()
    };
    let on_root = management(|builder| builder.base_path(""));
    assert_eq!(
        exact(&on_root),
        [
            "/health",
            "/info",
            "/version",
            "/prometheus",
            "/openapi.json",
            "/transitions"
        ]
    );
    let fewer = management(|builder| builder.base_path("").without_prometheus().without_openapi());
    assert_eq!(
        exact(&fewer),
        ["/health", "/info", "/version", "/transitions"]
    );
    let refused = Management::builder("orders")
        .base_path("")
        .healthz("live", async || ())
        .healthz_path("/transitions/x")
        .group(Group::new("a").additional_path("server:/prometheus"))
        .build()
        .expect_err("both paths are taken");
    let problems = refused.to_string();
    assert!(
        problems.contains("/transitions/x") && problems.contains("server:/prometheus"),
        "{problems}"
    );
}
