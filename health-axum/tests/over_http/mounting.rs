//! The ways into an application: merged, nested, as a service, with state, under other paths.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::{Request, State},
    http::Extensions,
    middleware::{self, Next},
    response::Response,
    routing::get as get_route,
};
use health_axum::{
    Endpoints, Identity, Management,
    core::{Builder, Group, Health, Show},
};

use crate::support::{ask, get, serve};

fn orders() -> Builder {
    Management::builder("orders")
        .version("1.2.3")
        .check("db", || async { true })
}

/// Asks for paths and compares the codes.
async fn assert_codes(server: SocketAddr, cases: &[(&str, u16)]) {
    for (path, code) in cases {
        assert_eq!(get(server, path).await.code, *code, "{path}");
    }
}

/// The links of the discovery page, which must lead back to where it was asked.
async fn links(server: SocketAddr, path: &str) -> String {
    let page = get(server, path).await;
    assert_eq!(page.code, 200, "{path}");
    page.body
}

#[tokio::test]
async fn merged_the_endpoints_stand_beside_the_routes_of_the_application() {
    let management = orders().build().unwrap();
    let app = Router::new()
        .route("/", get_route(|| async { "hello" }))
        .route("/zebra", get_route(|| async { "stripes" }))
        .merge(health_axum::endpoints(&management))
        .fallback(|| async { "the application's own fallback" });
    let server = serve(app).await;
    assert_eq!(get(server, "/").await.body, "hello");
    assert_eq!(get(server, "/zebra").await.body, "stripes");
    assert_eq!(
        get(server, "/nowhere").await.body,
        "the application's own fallback"
    );
    assert_eq!(
        get(server, "/health").await.body,
        "the application's own fallback"
    );
    assert_codes(
        server,
        &[
            ("/z", 200),
            ("/z?query=1", 200),
            ("/z/health", 200),
            ("/z/health/db", 200),
            ("/z/health/liveness", 200),
            ("/z/info", 200),
            ("/z/version", 200),
            ("/z/nowhere", 404),
            ("/z/health/nowhere", 404),
        ],
    )
    .await;
    assert_eq!(
        get(server, "/z/nowhere").await.body,
        "",
        "the fallback is not for the endpoints"
    );
}

#[tokio::test]
async fn slashes_at_the_end_matter_on_fixed_paths_only() {
    let server = serve(health_axum::endpoints(&orders().build().unwrap())).await;
    assert_codes(
        server,
        &[
            ("/z/", 404),
            ("/z/info/", 404),
            ("/z/version/", 404),
            ("/z//health", 404),
            ("/z/health/", 200),
            ("/z/health//", 200),
            ("/z/health/db/", 200),
            ("/z/health//db", 200),
            ("/z/health/liveness/", 200),
            ("/z/health.json", 404),
            ("/z/healthy", 404),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_router_fits_an_application_with_state() {
    #[derive(Clone)]
    struct App {
        greeting: &'static str,
    }
    let management = orders().build().unwrap();
    let app = Router::new()
        .route(
            "/",
            get_route(|State(app): State<App>| async move { app.greeting }),
        )
        .merge(health_axum::endpoints(&management))
        .with_state(App {
            greeting: "good day",
        });
    let server = serve(app).await;
    assert_eq!(get(server, "/").await.body, "good day");
    assert_eq!(get(server, "/z/version").await.body, "1.2.3");
}

#[tokio::test]
async fn the_base_path_is_where_the_application_wants_it() {
    for base in ["/admin", "/admin/", "/internal/z"] {
        let server = serve(health_axum::endpoints(
            &orders().base_path(base).build().unwrap(),
        ))
        .await;
        let base = base.trim_end_matches('/');
        assert_codes(
            server,
            &[
                (&format!("{base}/health"), 200),
                (&format!("{base}/health/readiness"), 200),
                (&format!("{base}/version"), 200),
                (&format!("{base}/"), 404),
                ("/z", 404),
                ("/z/health", 404),
            ],
        )
        .await;
        let expected =
            format!(r#""health":{{"href":"http://{server}{base}/health","templated":false}}"#);
        let page = links(server, base).await;
        assert!(page.contains(&expected), "{base}: {page}");
    }
}

#[tokio::test]
async fn on_the_root_there_is_no_discovery_page_and_the_application_keeps_its_own() {
    for base in ["", "/"] {
        let management = orders().base_path(base).build().unwrap();
        let app = Router::new()
            .route("/", get_route(|| async { "hello" }))
            .merge(health_axum::endpoints(&management));
        let server = serve(app).await;
        assert_eq!(get(server, "/").await.body, "hello", "{base:?}");
        assert_codes(
            server,
            &[
                ("/health", 200),
                ("/health/", 200),
                ("/health/db", 200),
                ("/info", 200),
                ("/version", 200),
                ("/info/", 404),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn as_a_service_the_endpoints_are_at_any_path() {
    let management = orders().build().unwrap();
    let app = Router::new().nest_service("/internal/z", health_axum::nested(&management));
    let server = serve(app).await;
    assert_codes(
        server,
        &[
            ("/internal/z", 200),
            ("/internal/z/", 404),
            ("/internal/z/health", 200),
            ("/internal/z/health/", 200),
            ("/internal/z/health/db", 200),
            ("/internal/z/info", 200),
            ("/internal/z/info/", 404),
            ("/internal/z/nowhere", 404),
            ("/z/health", 404),
        ],
    )
    .await;
    let page = links(server, "/internal/z").await;
    assert!(
        page.contains(&format!(r#""self":{{"href":"http://{server}/internal/z","#)),
        "{page}"
    );
}

#[tokio::test]
async fn in_a_nested_router_the_links_lead_back() {
    let management = orders().build().unwrap();
    let inner = Router::new().merge(health_axum::endpoints(&management));
    let server = serve(Router::new().nest("/orders", inner)).await;
    assert_codes(
        server,
        &[
            ("/orders/z", 200),
            ("/orders/z/", 404),
            ("/orders/z/health/db", 200),
            ("/z/health", 404),
        ],
    )
    .await;
    let page = links(server, "/orders/z").await;
    let expected =
        format!(r#""info":{{"href":"http://{server}/orders/z/info","templated":false}}"#);
    assert!(page.contains(&expected), "{page}");
}

#[tokio::test]
async fn a_nested_service_in_a_nested_router_is_found_too() {
    let management = orders().build().unwrap();
    let inner = Router::new().nest_service("/admin", health_axum::nested(&management));
    let server = serve(Router::new().nest("/orders", inner)).await;
    assert_codes(
        server,
        &[
            ("/orders/admin", 200),
            ("/orders/admin/", 404),
            ("/orders/admin/health/db", 200),
        ],
    )
    .await;
    let page = links(server, "/orders/admin").await;
    assert!(
        page.contains(&format!("http://{server}/orders/admin/health/{{*path}}")),
        "{page}"
    );
}

#[tokio::test]
async fn additional_paths_are_exact_and_on_the_root() {
    let management = orders()
        .group(Group::new("liveness").additional_path("server:/livez"))
        .group(
            Group::new("all")
                .include(["*"])
                .additional_path("server:status"),
        )
        .group(
            Group::new("apart")
                .include(["db"])
                .additional_path("management:/apart"),
        )
        .build()
        .unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    assert_codes(
        server,
        &[
            ("/livez", 200),
            ("/livez/", 404),
            ("/livez/livenessState", 404),
            ("/status", 200),
            ("/status/db", 404),
            ("/z/livez", 404),
            ("/z/health/livez", 200),
            ("/z/health/status/db", 200),
            ("/apart", 404),
            ("/z/health/apart", 200),
        ],
    )
    .await;
    assert_eq!(get(server, "/livez").await.body, r#"{"status":"UP"}"#);
    let from_path = get(server, "/status").await;
    let from_group = get(server, "/z/health/all").await;
    assert_eq!(from_path.body, from_group.body);
    assert_eq!(from_path.content_type(), from_group.content_type());
}

#[tokio::test]
async fn named_checks_have_a_path_of_their_own() {
    let management = orders()
        .healthz("live", || async { true })
        .healthz("ready", || async {
            Err::<(), _>(std::io::Error::other("the disk is full"))
        })
        .build()
        .unwrap();
    let server = serve(health_axum::endpoints(&management)).await;
    let cases = [
        ("/healthz/live", 200, r#"{"status": 200, "title": "OK"}"#),
        (
            "/healthz/ready",
            503,
            r#"{"status": 503, "title": "the disk is full"}"#,
        ),
        (
            "/healthz/nope",
            404,
            r#"{"status": 404, "title": "The nope check endpoint is not setup"}"#,
        ),
    ];
    for (path, code, body) in cases {
        let answer = get(server, path).await;
        assert_eq!((answer.code, answer.body.as_str()), (code, body), "{path}");
        assert_eq!(
            answer.content_type(),
            Some("application/problem+json"),
            "{path}"
        );
    }
}

#[derive(Clone)]
struct User {
    is_admin: bool,
}

/// Stands for the authentication of an application.
async fn authenticate(mut request: Request, next: Next) -> Response {
    let name = request.headers().get("x-user").cloned();
    if let Some(name) = name {
        request.extensions_mut().insert(User {
            is_admin: name == "alice",
        });
    }
    next.run(request).await
}

#[tokio::test]
async fn who_asks_is_found_in_the_extensions_of_the_request() {
    let management = orders()
        .check("queue", || async { Health::up().detail("length", 3) })
        .show_details(Show::WhenAuthorized)
        .roles(["admin"])
        .build()
        .unwrap();
    let endpoints = Endpoints::new(&management).identify(|extensions: &Extensions| {
        let user = extensions.get::<User>()?;
        Some(if user.is_admin {
            Identity::new().role("admin")
        } else {
            Identity::new()
        })
    });
    let merged = Router::new().merge(health_axum::endpoints(endpoints.clone()));
    let nested = Router::new().nest_service("/z", health_axum::nested(endpoints));
    for (mount, app) in [("merged", merged), ("nested", nested)] {
        let server = serve(app.layer(middleware::from_fn(authenticate))).await;
        let cases = [
            ("nobody", &[][..], false),
            ("without the role", &[("x-user", "bob")], false),
            ("with the role", &[("x-user", "alice")], true),
        ];
        for (name, headers, sees) in cases {
            let answer = ask(server, "GET", "/z/health", headers).await;
            assert_eq!(answer.code, 200, "{mount}, {name}");
            assert_eq!(
                answer.body.contains(r#""details":{"length":3}"#),
                sees,
                "{mount}, {name}"
            );
        }
    }
}

#[tokio::test]
async fn version_closures_answer_as_they_say() {
    use axum::http::StatusCode;
    let text = "text/plain; charset=utf-8";
    let cases = [
        ("text", orders(), 200, "1.2.3"),
        ("sync", orders().version(|| "2"), 200, "2"),
        (
            "async",
            orders().version(|| async { "3".to_owned() }),
            200,
            "3",
        ),
        (
            "with a code",
            orders().version(|| (StatusCode::IM_A_TEAPOT, "4")),
            418,
            "4",
        ),
        (
            "failing",
            orders().version(|| async { Err::<String, _>("no such file: /etc/secret") }),
            500,
            "the version is not available",
        ),
        (
            "panicking",
            orders().version(|| -> String { panic!("a text that nobody sees") }),
            500,
            "the version is not available",
        ),
    ];
    for (name, builder, code, body) in cases {
        let server = serve(health_axum::endpoints(&builder.build().unwrap())).await;
        let answer = get(server, "/z/version").await;
        assert_eq!((answer.code, answer.body.as_str()), (code, body), "{name}");
        assert_eq!(answer.content_type(), Some(text), "{name}");
    }
}
