//! The ways into an application: on the root, in scopes, under other paths, with identities.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    dev::Service,
    guard,
    middleware::NormalizePath,
    web::{self, ServiceConfig},
};
use health_actix::{
    Endpoints, Identity, Management, Server as Which,
    core::{Builder, Group, Health, Show},
};

use crate::support::Server;

fn orders() -> Builder {
    Management::builder("orders")
        .version("1.2.3")
        .check("db", || async { true })
}

fn page(text: &'static str) -> impl Fn() -> std::future::Ready<&'static str> + Clone {
    move || std::future::ready(text)
}

#[track_caller]
fn assert_codes(server: &Server, cases: &[(&str, u16)]) {
    let mut connection = server.connect();
    for (path, code) in cases {
        assert_eq!(connection.ask("GET", path, &[]).code, *code, "{path}");
    }
}

/// Looks at all links of the discovery page, which must lead back to where it was asked.
#[track_caller]
fn assert_links(server: &Server, path: &str) {
    let here = format!("http://{}{path}", server.address);
    let page = server.get(path).body;
    let expected = format!(
        r#"{{"_links":{{"self":{{"href":"{here}","templated":false}},"health":{{"href":"{here}/health","#
    );
    assert!(page.starts_with(&expected), "{page}");
    let links = page.split(r#""href":""#).skip(1);
    assert!(links.clone().count() > 4, "{page}");
    for link in links {
        assert!(link.starts_with(&here), "{link}");
    }
}

#[test]
fn the_endpoints_stand_beside_the_routes_of_the_application() {
    let management = orders().build().unwrap();
    let server = Server::of(move |app: &mut ServiceConfig| {
        app.service(health_actix::endpoints(&management))
            .route("/", web::get().to(page("hello")))
            .route("/zebra", web::get().to(page("stripes")))
            .route("/healthz", web::get().to(page("the application's")))
            .default_service(web::to(|| async { HttpResponse::NotFound().body("lost") }));
    });
    for (path, body) in [
        ("/", "hello"),
        ("/zebra", "stripes"),
        ("/healthz", "the application's"),
        ("/nowhere", "lost"),
        ("/health", "lost"),
        ("/z/version", "1.2.3"),
        ("/z/nowhere", ""),
    ] {
        assert_eq!(server.get(path).body, body, "{path}");
    }
    assert_links(&server, "/z");
}

#[test]
fn the_base_path_is_where_the_application_wants_it() {
    for base in ["/admin", "/admin/", "/internal/z"] {
        let management = orders().base_path(base).build().unwrap();
        let server = Server::of(move |app: &mut ServiceConfig| {
            app.service(health_actix::endpoints(&management));
        });
        let base = base.trim_end_matches('/');
        assert_codes(
            &server,
            &[
                (&format!("{base}/health"), 200),
                (&format!("{base}/health/readiness"), 200),
                (&format!("{base}/version"), 200),
                (&format!("{base}/"), 404),
                (&format!("{base}x"), 404),
                ("/z", 404),
                ("/z/health", 404),
            ],
        );
        assert_links(&server, base);
    }
}

#[test]
fn on_the_root_there_is_no_discovery_page_and_the_application_keeps_its_own() {
    for base in ["", "/"] {
        let management = orders().base_path(base).build().unwrap();
        let server = Server::of(move |app: &mut ServiceConfig| {
            app.service(health_actix::endpoints(&management))
                .route("/", web::get().to(page("hello")))
                .route("/healthy", web::get().to(page("as a horse")));
        });
        assert_eq!(server.get("/").body, "hello", "{base:?}");
        assert_eq!(server.get("/healthy").body, "as a horse", "{base:?}");
        assert_codes(
            &server,
            &[
                ("/health", 200),
                ("/health/", 200),
                ("/health/db", 200),
                ("/health//db/", 200),
                ("/health/nowhere", 404),
                ("/info", 200),
                ("/version", 200),
                ("/info/", 404),
                ("/version/x", 404),
            ],
        );
    }
}

#[test]
fn additional_paths_are_exact_and_belong_to_one_server() {
    let management = orders()
        .group(Group::new("liveness").additional_path("server:/livez"))
        .group(Group::new("readiness").additional_path("management:readyz"))
        .healthz("live", || async { true })
        .healthz_path("/checks")
        .build()
        .unwrap();
    let application = Server::of({
        let management = management.clone();
        move |app: &mut ServiceConfig| {
            app.service(health_actix::endpoints(&management));
        }
    });
    let cases = [
        ("/livez", 200),
        ("/livez/", 404),
        ("/livez/db", 404),
        ("/readyz", 404),
        ("/z/health/livez", 200),
        ("/z/health/readyz", 404),
        ("/checks/live", 200),
        ("/checks/", 404),
        ("/checks", 404),
        ("/healthz/live", 404),
    ];
    assert_codes(&application, &cases);
    assert_eq!(application.get("/livez").body, r#"{"status":"UP"}"#);
    let apart = Server::of(move |app: &mut ServiceConfig| {
        app.service(Endpoints::new(&management).server(Which::Management));
    });
    assert_codes(
        &apart,
        &[("/readyz", 200), ("/livez", 404), ("/z/health/readyz", 200)],
    );
}

#[test]
fn in_a_scope_the_paths_are_below_it_and_the_links_lead_back() {
    let management = orders()
        .group(Group::new("liveness").additional_path("server:/livez"))
        .healthz("live", || async { true })
        .build()
        .unwrap();
    let server = Server::of(move |app: &mut ServiceConfig| {
        let inner = web::scope("/{tenant}").service(health_actix::endpoints(&management));
        app.service(web::scope("/api").service(health_actix::endpoints(&management)))
            .service(web::scope("/tenants").service(inner))
            .service(
                web::scope("")
                    .guard(guard::Header("x-inner", "yes"))
                    .service(health_actix::endpoints(&management)),
            )
            .default_service(web::to(|| async { HttpResponse::NotFound().body("lost") }));
    });
    assert_links(&server, "/api/z");
    assert_links(&server, "/tenants/acme/z");
    assert_links(&server, "/tenants/a%2Fb/z");
    assert_links(&server, "/tenants/gr%C3%B6%C3%9Fe/z");
    assert_codes(
        &server,
        &[
            ("/api/z/health/db", 200),
            ("/api/z/health//db/", 200),
            ("/%61pi/z/health/%64b", 200),
            ("/api/z/nowhere", 404),
            ("/api/livez", 200),
            ("/api/healthz/live", 200),
            ("/api/healthz/nope", 404),
            ("/tenants/acme/z/health/db", 200),
            ("/tenants/a%2Fb/healthz/live", 200),
            ("/tenants/a%2Fb%25/z/health/db", 200),
            ("/tenants/gr%C3%B6%C3%9Fe/livez", 200),
        ],
    );
    assert_eq!(server.get("/z/health").body, "lost");
    let guarded = server
        .connect()
        .ask("GET", "/z/health/db", &[("x-inner", "yes")]);
    assert_eq!(guarded.code, 200);
}

#[test]
fn what_a_middleware_made_of_the_path_counts() {
    let management = orders().build().unwrap();
    let server = Server::of(move |app: &mut ServiceConfig| {
        let scope = web::scope("/api").wrap(NormalizePath::trim());
        app.service(scope.service(health_actix::endpoints(&management)));
    });
    assert_codes(
        &server,
        &[
            ("/api/z/", 200),
            ("/api//z", 200),
            ("/api/z///version/", 200),
            ("/api/z/health/%64b/", 200),
            ("/api/%7A//version", 404),
        ],
    );
}

struct User {
    is_admin: bool,
}

#[test]
fn who_asks_is_found_in_the_request() {
    let management = orders()
        .check("queue", || async { Health::up().detail("length", 3) })
        .show_details(Show::WhenAuthorized)
        .roles(["admin"])
        .build()
        .unwrap();
    let endpoints = Endpoints::new(&management).identify(|request: &HttpRequest| {
        let extensions = request.extensions();
        let user = extensions.get::<User>()?;
        Some(if user.is_admin {
            Identity::new().role("admin")
        } else {
            Identity::new()
        })
    });
    let server = Server::of(move |app: &mut ServiceConfig| {
        let authenticated = web::scope("").wrap_fn(|request, next| {
            if let Some(name) = request.headers().get("x-user") {
                let is_admin = name == "alice";
                request.extensions_mut().insert(User { is_admin });
            }
            next.call(request)
        });
        app.service(authenticated.service(endpoints.clone()));
    });
    let cases = [
        ("nobody", &[][..], false),
        ("without the role", &[("x-user", "bob")], false),
        ("with the role", &[("x-user", "alice")], true),
    ];
    for (name, headers, sees) in cases {
        let answer = server.connect().ask("GET", "/z/health", headers);
        assert_eq!(answer.code, 200, "{name}");
        assert_eq!(
            answer.body.contains(r#""details":{"length":3}"#),
            sees,
            "{name}"
        );
    }
}
