//! The ways into an application: attached, mounted, beside other routes, under other paths.

use std::net::SocketAddr;

use health_rocket::{
    Management,
    core::{Builder, Group},
};
use rocket::{Request, catch, catchers, http::Status, post, routes};

use crate::{
    app::bare,
    support::{ask, get, serve, settings},
};

fn orders() -> Builder {
    Management::builder("orders")
        .version("1.2.3")
        .check("db", || async { true })
}

fn with_livez() -> Builder {
    orders().group(Group::new("liveness").additional_path("server:/livez"))
}

#[rocket::get("/")]
fn index() -> &'static str {
    "hello"
}

#[rocket::get("/zebra")]
fn zebra() -> &'static str {
    "stripes"
}

#[rocket::get("/mine")]
fn mine() -> &'static str {
    "the application's own"
}

#[rocket::get("/<path..>", rank = 20)]
fn file(path: std::path::PathBuf) -> String {
    format!("file {}", path.display())
}

#[post("/form")]
fn form() -> Status {
    Status::BadRequest
}

#[catch(default)]
fn catcher(status: Status, request: &Request<'_>) -> String {
    format!("{} by the application: {}", status.code, request.uri())
}

async fn assert_bodies(server: SocketAddr, cases: &[(&str, &str, u16, &str)]) {
    for (method, path, code, body) in cases {
        let answer = ask(server, method, path, &[]).await;
        assert_eq!(
            (answer.code, answer.body.as_str()),
            (*code, *body),
            "{method} {path}"
        );
    }
}

async fn assert_codes(server: SocketAddr, cases: &[(&str, u16)]) {
    for (path, code) in cases {
        assert_eq!(get(server, path).await.code, *code, "{path}");
    }
}

#[tokio::test]
async fn attached_the_endpoints_leave_all_else_to_the_application() {
    let management = with_livez().build().unwrap();
    let app = bare()
        .mount("/", routes![index, zebra])
        .mount("/z", routes![mine, form])
        .mount("/livez", routes![form])
        .register("/", catchers![catcher])
        .attach(health_rocket::endpoints(&management));
    let server = serve(app).await;
    let cases = [
        ("GET", "/", 200, "hello"),
        ("GET", "/zebra", 200, "stripes"),
        ("GET", "/z/mine", 200, "the application's own"),
        ("HEAD", "/z/mine", 200, ""),
        ("GET", "/livez", 200, r#"{"status":"UP"}"#),
        ("GET", "/z/version", 200, "1.2.3"),
        ("GET", "/z/nothing", 404, ""),
        ("BREW", "/livez", 405, ""),
        // Other spellings, which Rocket's routes take for the same, are not below the base path.
        (
            "GET",
            "//z/version",
            404,
            "404 by the application: //z/version",
        ),
        (
            "GET",
            "/%7A/version",
            404,
            "404 by the application: /%7A/version",
        ),
        ("HEAD", "/%7A/version", 404, ""),
        ("GET", "//livez", 404, "404 by the application: //livez"),
        ("GET", "/livez/", 404, "404 by the application: /livez/"),
        ("GET", "/livez/db", 404, "404 by the application: /livez/db"),
        (
            "GET",
            "/z%2Fversion",
            404,
            "404 by the application: /z%2Fversion",
        ),
        (
            "GET",
            "/Z/version",
            404,
            "404 by the application: /Z/version",
        ),
        ("GET", "/health", 404, "404 by the application: /health"),
        (
            "GET",
            "/healthz/live",
            404,
            "404 by the application: /healthz/live",
        ),
        // What is refused before it is routed, and what a route refuses.
        ("BREW", "/zebra", 400, "400 by the application: /zebra"),
        (
            "BREW",
            "/%7A/version",
            400,
            "400 by the application: /%7A/version",
        ),
        (
            "BREW",
            "/livez/form",
            400,
            "400 by the application: /livez/form",
        ),
        (
            "POST",
            "/livez/form",
            400,
            "400 by the application: /livez/form",
        ),
        ("POST", "/z/form", 400, "400 by the application: /z/form"),
    ];
    assert_bodies(server, &cases).await;
}

#[tokio::test]
async fn without_catchers_of_the_application_rocket_answers_what_is_not_ours() {
    let management = with_livez().build().unwrap();
    let server = serve(bare().attach(health_rocket::endpoints(&management))).await;
    for (method, path, code) in [
        ("GET", "/livez/", 404),
        ("BREW", "/livez/", 400),
        ("BREW", "/", 400),
    ] {
        let answer = ask(server, method, path, &[]).await;
        assert_eq!(answer.code, code, "{method} {path}");
        assert!(
            answer.body.contains("<small>Rocket</small>"),
            "{method} {path}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn the_base_path_is_where_the_application_wants_it() {
    for base in ["/admin", "/admin/", "/internal/z", "/a-b.c_d~e"] {
        let management = orders().base_path(base).build().unwrap();
        let app = bare()
            .mount("/", routes![file])
            .attach(health_rocket::endpoints(&management));
        let server = serve(app).await;
        let base = base.trim_end_matches('/');
        assert_codes(
            server,
            &[
                (&format!("{base}/health"), 200),
                (&format!("{base}/health/db"), 200),
                (&format!("{base}/"), 404),
                (&format!("{base}/nothing"), 404),
            ],
        )
        .await;
        assert_eq!(
            get(server, "/z/health").await.body,
            "file z/health",
            "{base}"
        );
        let page = get(server, base).await.body;
        let link =
            format!(r#""health":{{"href":"http://{server}{base}/health","templated":false}}"#);
        assert!(page.contains(&link), "{base}: {page}");
    }
}

#[tokio::test]
async fn on_the_root_the_application_keeps_all_other_paths() {
    for base in ["", "/"] {
        let management = orders().base_path(base).build().unwrap();
        let app = bare()
            .mount("/", routes![index, zebra])
            .register("/", catchers![catcher])
            .attach(health_rocket::endpoints(&management));
        let server = serve(app).await;
        let up = r#"{"status":"UP"}"#;
        let cases = [
            ("GET", "/", 200, "hello"),
            ("GET", "/zebra", 200, "stripes"),
            ("GET", "/health/db", 200, up),
            ("GET", "/health/db/", 200, up),
            ("GET", "/version", 200, "1.2.3"),
            ("POST", "/version", 405, ""),
            ("BREW", "/version", 405, ""),
            ("GET", "/health/nothing", 404, ""),
            ("GET", "/version/", 404, "404 by the application: /version/"),
            ("GET", "/nothing", 404, "404 by the application: /nothing"),
            (
                "BREW",
                "/version/",
                400,
                "400 by the application: /version/",
            ),
        ];
        assert_bodies(server, &cases).await;
        assert_codes(
            server,
            &[("/health", 200), ("/health/", 200), ("/info", 200)],
        )
        .await;
    }
}

#[tokio::test]
async fn mounted_the_endpoints_are_below_the_mount_point() {
    let management = with_livez()
        .healthz("live", || async { true })
        .build()
        .unwrap();
    for (mount, prefix) in [("/", ""), ("/internal", "/internal"), ("/a/b/", "/a/b")] {
        let app = bare()
            .register("/", catchers![catcher])
            .mount(mount, health_rocket::endpoints(&management));
        let server = serve(app).await;
        let path = |path: &str| format!("{prefix}{path}");
        let cases = [
            ("GET", &*path("/z/version"), 200, "1.2.3"),
            ("GET", &path("/livez"), 200, r#"{"status":"UP"}"#),
            (
                "GET",
                &path("/healthz/live"),
                200,
                r#"{"status": 200, "title": "OK"}"#,
            ),
            ("PUT", &path("/z/version"), 405, ""),
            ("GET", &path("/z/nothing"), 404, ""),
            ("GET", &path("/z//version"), 404, ""),
            // Rocket refuses what it does not know before it looks for a route.
            (
                "BREW",
                &path("/z"),
                400,
                &format!("400 by the application: {prefix}/z"),
            ),
        ];
        assert_bodies(server, &cases).await;
        let page = get(server, &path("/z")).await.body;
        let link = format!(
            r#""version":{{"href":"http://{server}{prefix}/z/version","templated":false}}"#
        );
        assert!(page.contains(&link), "{mount}: {page}");
    }
}

#[tokio::test]
async fn routes_of_the_application_at_the_same_place_stop_the_launch() {
    #[rocket::get("/z/<_>")]
    fn same() {}

    let management = orders().build().unwrap();
    let app = bare()
        .mount("/", routes![same])
        .attach(health_rocket::endpoints(&management));
    let error = app.ignite().await.unwrap_err();
    assert!(
        matches!(error.kind(), rocket::error::ErrorKind::Collisions(_)),
        "{error}"
    );
}

#[tokio::test]
async fn the_headers_that_rocket_adds_to_every_answer_are_left_to_the_application() {
    let management = orders().build().unwrap();
    let app = || rocket::custom(settings().merge(("log_level", "off")));
    let cases = [
        ("as Rocket comes", app(), "Rocket", true),
        (
            "without Shield",
            app().attach(rocket::shield::Shield::new()),
            "Rocket",
            false,
        ),
    ];
    for (name, app, server_name, has_shield) in cases {
        let server = serve(app.attach(health_rocket::endpoints(&management))).await;
        let answer = get(server, "/z/version").await;
        assert_eq!(answer.header("server"), Some(server_name), "{name}");
        for header in [
            "x-content-type-options",
            "x-frame-options",
            "permissions-policy",
        ] {
            assert_eq!(
                answer.header(header).is_some(),
                has_shield,
                "{name}: {header}"
            );
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{name}");
    }
}
