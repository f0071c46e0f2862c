//! Who asks, from what a request of Rocket carries.

use health_rocket::{
    Endpoints, Identity, Management,
    core::{Health, Server, Show},
};
use rocket::{Request, fairing::AdHoc};

use crate::{
    app::bare,
    support::{ask, serve},
};

const FULL: &str = r#"{"status":"UP","details":{"zone":"b"}}"#;
const TERSE: &str = r#"{"status":"UP"}"#;

fn guarded() -> Management {
    Management::builder("orders")
        .check("db", || async { Health::up().detail("zone", "b") })
        .show_details(Show::WhenAuthorized)
        .roles(["admin"])
        .build()
        .unwrap()
}

fn identity_of(user: &str) -> Option<Identity> {
    match user {
        "alice" => Some(Identity::new().role("admin")),
        "bob" => Some(Identity::new()),
        _ => None,
    }
}

#[tokio::test]
async fn headers_and_cookies_say_who_asks() {
    let endpoints = Endpoints::new(&guarded()).identify(|request: &Request<'_>| {
        let cookie = request
            .cookies()
            .get("user")
            .map(|cookie| cookie.value().to_owned());
        let user = cookie.or_else(|| request.headers().get_one("x-user").map(str::to_owned));
        identity_of(&user?)
    });
    let cases = [
        ("nobody", None, TERSE),
        ("somebody with the role", Some(("x-user", "alice")), FULL),
        ("somebody without the role", Some(("x-user", "bob")), TERSE),
        ("a stranger", Some(("x-user", "mallory")), TERSE),
        ("by cookie", Some(("cookie", "a=b; user=alice")), FULL),
    ];
    let mounted = bare().mount("/", endpoints.clone());
    for (way, app) in [("attached", bare().attach(endpoints)), ("mounted", mounted)] {
        let server = serve(app).await;
        for (name, header, body) in &cases {
            let headers: Vec<_> = header.iter().copied().collect();
            let answer = ask(server, "GET", "/z/health/db", &headers).await;
            assert_eq!(
                (answer.code, answer.body.as_str()),
                (200, *body),
                "{way}: {name}"
            );
        }
    }
}

#[tokio::test]
async fn what_takes_time_is_found_by_a_fairing_and_left_in_the_local_cache() {
    struct User(String);

    let endpoints = Endpoints::new(&guarded()).identify(|request: &Request<'_>| {
        let user = request.local_cache(|| None::<User>).as_ref()?;
        identity_of(&user.0)
    });
    let session = || {
        AdHoc::on_request("session", |request, _| {
            Box::pin(async move {
                tokio::task::yield_now().await;
                let user = request
                    .headers()
                    .get_one("x-user")
                    .map(|user| User(user.to_owned()));
                request.local_cache(|| user);
            })
        })
    };
    for (order, app) in [
        ("before", bare().attach(session()).attach(endpoints.clone())),
        ("behind", bare().attach(endpoints).attach(session())),
    ] {
        let server = serve(app).await;
        for (user, body) in [("alice", FULL), ("bob", TERSE)] {
            let answer = ask(server, "GET", "/z/health/db", &[("x-user", user)]).await;
            assert_eq!(answer.body, body, "{order}: {user}");
        }
    }
}

#[tokio::test]
async fn a_closure_that_panics_is_an_error_of_this_request_only() {
    let endpoints = Endpoints::new(&guarded()).identify(|request| {
        assert!(request.headers().get_one("x-user").is_some(), "nobody");
        None
    });
    let server = serve(bare().attach(endpoints)).await;
    assert_eq!(ask(server, "GET", "/z/health/db", &[]).await.code, 500);
    assert_eq!(
        ask(server, "GET", "/z/health/db", &[("x-user", "bob")])
            .await
            .code,
        200
    );
}

#[tokio::test]
async fn additional_paths_are_those_of_the_server_that_was_named() {
    use health_rocket::core::Group;

    let management = Management::builder("orders")
        .group(
            Group::new("inner")
                .include(["ping"])
                .additional_path("management:/inner"),
        )
        .group(
            Group::new("outer")
                .include(["ping"])
                .additional_path("server:/outer"),
        )
        .build()
        .unwrap();
    for (server, inner, outer) in [
        (Server::Application, 404, 200),
        (Server::Management, 200, 404),
    ] {
        let name = format!("{server:?}");
        let app = bare().attach(Endpoints::new(&management).server(server));
        let server = serve(app).await;
        assert_eq!(
            ask(server, "GET", "/inner", &[]).await.code,
            inner,
            "{name}"
        );
        assert_eq!(
            ask(server, "GET", "/outer", &[]).await.code,
            outer,
            "{name}"
        );
    }
}
