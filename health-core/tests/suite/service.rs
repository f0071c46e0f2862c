//! The endpoints as a `tower` service over `http` requests.

use health_core::{Endpoints, Group, Health, Identity, Server, Show};
use http::{Request, Version};
use serde_json::json;
use tower_service::Service;

use crate::support::{Answer, holds, management};

/// What an authentication layer of the application leaves behind.
#[derive(Clone)]
struct User(&'static str);

async fn call(endpoints: &Endpoints, request: Request<&str>) -> Answer {
    let method = request.method().to_string();
    let response = match endpoints.clone().call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    Answer::read(&method, response)
}

fn get(uri: &str) -> http::request::Builder {
    Request::get(uri)
}

#[tokio::test(start_paused = true)]
async fn requests_are_answered_whatever_their_body() {
    let management = management(|builder| builder.check("db", async || ()));
    let endpoints = Endpoints::new(&management);
    for (request, status) in [
        (get("/z/health/db?verbose=1"), 200),
        (Request::head("/z/health"), 200),
        (Request::options("/z/health"), 200),
        (Request::post("/z/health"), 405),
        (get("/nope"), 404),
    ] {
        let request = request.body("ignored").expect("a request");
        assert_eq!(call(&endpoints, request).await.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn the_identity_comes_from_what_the_application_left() {
    let management = management(|builder| {
        let db = holds(Health::up().detail("rows", 3));
        builder
            .check("db", db)
            .show_details(Show::WhenAuthorized)
            .roles(["admin"])
    });
    let endpoints = Endpoints::new(&management)
        .identify(|extensions| Some(Identity::new().role(extensions.get::<User>()?.0)));
    for (user, details) in [
        (None, json!(null)),
        (Some("guest"), json!(null)),
        (Some("admin"), json!({"rows": 3})),
    ] {
        let mut request = get("/z/health/db");
        if let Some(role) = user {
            request = request.extension(User(role));
        }
        let answer = call(&endpoints, request.body("").expect("a request")).await;
        assert_eq!(answer.at("/details"), details, "{user:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_is_on_one_server() {
    let management = management(|builder| {
        builder.group(Group::new("liveness").additional_path("management:/livez"))
    });
    let application = Endpoints::new(&management);
    let own_port = application.clone().server(Server::Management);
    for (endpoints, status) in [(application, 404), (own_port, 200)] {
        let request = get("/livez").body("").expect("a request");
        assert_eq!(call(&endpoints, request).await.status, status);
    }
}

#[tokio::test(start_paused = true)]
async fn links_name_the_host_of_either_http_version() {
    let management = management(|builder| builder);
    let endpoints = Endpoints::new(&management);
    let http_1 = get("/z").header("host", "orders:80");
    let http_2 = get("https://orders:443/z").version(Version::HTTP_2);
    let absolute = get("http://orders:80/z").header("host", "other");
    for (request, expected) in [
        (http_1, "http://orders:80/z/info"),
        (http_2, "https://orders:443/z/info"),
        (absolute, "http://orders:80/z/info"),
    ] {
        let answer = call(&endpoints, request.body("").expect("a request")).await;
        assert_eq!(answer.text_at("/_links/info/href"), expected);
    }
}
