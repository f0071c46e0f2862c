//! What the admin shows of an application with real endpoints.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::Request,
    http::{Extensions, HeaderValue, header},
    middleware::{self, Next},
    response::Response,
};
use health_core::{Endpoints, Health, Identity, Show};
use serde_json::{Value, json};

use crate::{
    admin::{Admin, Instance},
    application::{Application, serve},
};

fn ids(instance: &Instance) -> Vec<&str> {
    instance.endpoints.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn it_shows_status_details_groups_and_info() {
    let admin = Admin::start().await;
    let application = Application::new(|builder| builder.show_details(Show::Always));
    let _registration = application.register(&admin).await;
    let instance = admin.refresh().await;

    assert_eq!(instance.status.code, "UP");
    let db = json!({"status": "UP", "details": {"database": "PostgreSQL"}});
    assert_eq!(instance.status.details["db"], db);
    assert_eq!(
        instance.groups,
        ["liveness", "readiness", "startup", "storage"]
    );
    assert_eq!(
        admin.group("storage").await,
        json!({"status": "UP", "components": {"db": db}})
    );
    assert_eq!(admin.group("liveness").await["status"], "UP");
    assert_eq!(instance.info["build"]["version"], "1.2.3");

    assert_eq!(
        ids(&instance),
        [
            "health",
            "info",
            "openapi",
            "prometheus",
            "transitions",
            "version"
        ]
    );
    let Some(management_url) = &instance.registration.management_url else {
        panic!("there is no management URL");
    };
    assert_eq!(instance.endpoints["info"], format!("{management_url}/info"));
}

#[tokio::test]
async fn it_follows_the_status() {
    let admin = Admin::start().await;
    let application = Application::new(|builder| builder.show_details(Show::Always));
    let _registration = application.register(&admin).await;
    for (is_broken, expected) in [(false, "UP"), (true, "DOWN"), (false, "UP")] {
        application.set_broken(is_broken);
        let instance = admin.refresh().await;
        assert_eq!(instance.status.code, expected);
        let db = json!({"status": expected, "details": {"database": "PostgreSQL"}});
        assert_eq!(instance.status.details["db"], db);
        assert_eq!(admin.group("storage").await["status"], expected);
        assert_eq!(instance.info["build"]["version"], "1.2.3");
    }
}

#[tokio::test]
async fn without_discovery_page_the_same_is_found_by_probing() {
    let cases: [(&str, fn(health_core::Builder) -> health_core::Builder); 3] = [
        ("no page", |builder| builder.without_discovery()),
        ("on the root", |builder| builder.base_path("")),
        ("at a slash", |builder| builder.base_path("/")),
    ];
    for (name, change) in cases {
        let admin = Admin::start().await;
        let application = Application::new(change);
        let _registration = application.register(&admin).await;
        let instance = admin.refresh().await;
        assert_eq!(instance.status.code, "UP", "{name}");
        assert_eq!(ids(&instance), ["health", "info", "prometheus"], "{name}");
        assert_eq!(instance.info["build"]["version"], "1.2.3", "{name}");
    }
}

#[tokio::test]
async fn an_application_below_a_path_is_shown() {
    let admin = Admin::start().await;
    let application = Application::new(|builder| builder);
    let app = Router::new().nest_service("/shop/z", health_axum::nested(&application.management));
    let url = serve(app).await;
    let service_url = format!("{url}/shop/");
    let change = |client: health_checks::SpringBootAdmin| client.service_url(&service_url).unwrap();
    let _registration = application.register_as(&admin, change).await;
    let instance = admin.refresh().await;
    assert_eq!(instance.status.code, "UP");
    assert_eq!(instance.endpoints["info"], format!("{url}/shop/z/info"));
    assert_eq!(instance.info["build"]["version"], "1.2.3");
}

#[tokio::test]
async fn details_are_for_those_who_may_see_them() {
    #[derive(Clone)]
    struct Operator;

    async fn authenticate(mut request: Request, next: Next) -> Response {
        // `printf %s admin:s3cret | base64`
        let expected = HeaderValue::from_static("Basic YWRtaW46czNjcmV0");
        if request.headers().get(header::AUTHORIZATION) == Some(&expected) {
            request.extensions_mut().insert(Operator);
        }
        next.run(request).await
    }

    let shown = json!({"status": "UP", "details": {"database": "PostgreSQL"}});
    let cases = [
        (None, json!({"status": "UP"})),
        (Some("wrong"), json!({"status": "UP"})),
        (Some("s3cret"), shown),
    ];
    for (password, expected) in cases {
        let admin = Admin::start().await;
        let application = Application::new(|builder| builder.show_details(Show::WhenAuthorized));
        let endpoints =
            Endpoints::new(&application.management).identify(|extensions: &Extensions| {
                extensions.get::<Operator>().map(|_| Identity::new())
            });
        let app = health_axum::endpoints(endpoints).layer(middleware::from_fn(authenticate));
        let url = serve(app).await;
        let change = |client: health_checks::SpringBootAdmin| {
            let client = client.service_url(&url).unwrap();
            match password {
                Some(password) => client.callback_credentials("admin", password.to_owned()),
                None => client,
            }
        };
        let _registration = application.register_as(&admin, change).await;
        let instance = admin.refresh().await;
        assert_eq!(instance.status.details["db"], expected, "{password:?}");
        assert_eq!(
            admin.group("storage").await["components"]["db"],
            expected,
            "{password:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_application_shows_no_endpoints() {
    let admin = Admin::start().await;
    let application = Application::new(|builder| {
        builder
            .status_order(["UNKNOWN", "DOWN", "OUT_OF_SERVICE", "UP"])
            .check("vague", || async { Health::unknown() })
    });
    let _registration = application.register(&admin).await;
    let instance = admin.refresh().await;
    assert_eq!(instance.status.code, "UNKNOWN");
    assert_eq!(instance.endpoints, BTreeMap::new());
    assert_eq!(instance.info, json!({}));
}

#[tokio::test]
async fn an_application_that_does_not_listen_is_offline() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let admin = Admin::start().await;
    let application = Application::new(|builder| builder);
    let change = |client: health_checks::SpringBootAdmin| client.service_url(&url).unwrap();
    let _registration = application.register_as(&admin, change).await;
    let instance = admin.refresh().await;
    assert_eq!(instance.status.code, "OFFLINE");
    assert_eq!(instance.endpoints, BTreeMap::new());
}

/// Where something on the way takes Spring's media types off the header, the admin takes the
/// answer for one of Spring Boot 1: the reason why ours has the type of version 3.
#[tokio::test]
async fn with_plain_json_the_groups_would_be_lost() {
    async fn only_json(mut request: Request, next: Next) -> Response {
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::ACCEPT, json);
        next.run(request).await
    }

    let admin = Admin::start().await;
    let application = Application::new(|builder| builder);
    let app = health_axum::endpoints(&application.management).layer(middleware::from_fn(only_json));
    let url = serve(app).await;
    let change = |client: health_checks::SpringBootAdmin| client.service_url(&url).unwrap();
    let _registration = application.register_as(&admin, change).await;
    let instance = admin.refresh().await;
    assert_eq!(instance.status.code, "UP");
    assert_eq!(instance.groups, [""; 0]);
    assert_eq!(instance.status.details["db"], Value::Null);
    let db = &instance.status.details["components"]["details"]["db"];
    assert_eq!(*db, json!({"status": "UP"}));
    assert_eq!(ids(&instance), ["health", "info", "prometheus"]);
}
