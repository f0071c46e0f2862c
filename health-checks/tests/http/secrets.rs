//! Secrets go to the server and nowhere else.

use health_checks::{Http, ServiceDependency};
use health_core::{Check, Health};

use crate::{
    dependency, detail, health, http, in_group,
    server::{Refusing, Server, json},
};

const SECRET: &str = "s3cret";

fn assert_hidden(place: &str, shown: impl std::fmt::Debug) {
    let shown = format!("{shown:?}");
    assert!(!shown.contains(SECRET), "{place}: {shown}");
}

fn checks(host: &str) -> (Http, ServiceDependency) {
    let plain = http(&format!("http://user:{SECRET}@{host}/a?api_key={SECRET}"))
        .header("X-Api-Key", SECRET)
        .unwrap();
    let other = dependency(&format!("http://user:{SECRET}@{host}/a"))
        .header("X-Api-Key", SECRET)
        .unwrap();
    (plain, other)
}

#[tokio::test]
async fn user_information_is_basic_authentication() {
    let server = Server::answering(|_| json(200, r#"{"status": "UP"}"#)).await;
    let (plain, other) = checks(&server.address.to_string());
    let found = [
        health(&plain).await,
        health(&other).await,
        in_group(&other, "web").check().await.unwrap(),
    ];
    for (health, path) in found.iter().zip(["/a?api_key=******", "/a", "/a/web"]) {
        assert_hidden(path, health);
        assert_eq!(
            detail(health, "url"),
            format!("http://user:******@{}{path}", server.address)
        );
    }
    for head in server.heads() {
        assert_eq!(head.header("authorization"), "Basic dXNlcjpzM2NyZXQ=");
        assert_eq!(head.header("x-api-key"), SECRET);
    }
}

#[tokio::test]
async fn no_failure_shows_one() {
    let silent = Server::raw(|_| async {}).await;
    let redirecting = Server::answering(|_| {
        let location = format!("location: http://evil.invalid/?token={SECRET}\r\n");
        crate::server::response(302, &location, "")
    })
    .await;
    let nobody = Refusing::new();
    let hosts = [
        nobody.address.to_string(),
        silent.address.to_string(),
        redirecting.address.to_string(),
        "nowhere.invalid".to_owned(),
    ];
    for host in hosts {
        let (plain, other) = checks(&host);
        let found: [Health; 2] = [health(&plain).await, health(&other).await];
        assert_hidden(&host, &found);
        assert!(
            found
                .iter()
                .all(|health| !detail(health, "error").is_empty()),
            "{host}"
        );
        assert_hidden("Debug", (&plain, &other));
    }
}

#[test]
fn no_error_of_a_setting_shows_one() {
    let errors = [
        Http::new(format!("http://user:{SECRET}@h:99999/")).unwrap_err(),
        Http::new(format!("http://user:{SECRET}/@h/")).unwrap_err(),
        Http::new(format!("user:{SECRET}@h")).unwrap_err(),
        Http::new(format!("http://h/?token={SECRET}#x")).unwrap_err(),
        ServiceDependency::new(format!("user:{SECRET}@h")).unwrap_err(),
        ServiceDependency::new(format!("http://u:{SECRET}@h?a=b")).unwrap_err(),
        http("http://h")
            .header("authorization", format!("Bearer {SECRET}\n"))
            .unwrap_err(),
    ];
    for error in errors {
        assert_hidden("Debug", &error);
        assert_hidden("Display", error.to_string());
    }
}

#[test]
fn debug_shows_what_is_asked() {
    let (plain, other) = checks("h");
    assert_eq!(
        format!("{plain:?}"),
        "Http(GET http://user:******@h/a?api_key=******)"
    );
    assert_eq!(
        format!("{other:?}"),
        "ServiceDependency(GET http://user:******@h/a)"
    );
}

#[tokio::test]
async fn credentials_arrive_as_they_were_given() {
    let server = Server::answering(|_| json(200, r#"{"status": "UP"}"#)).await;
    let check = || http(&server.url("/"));
    let owned = |text: &str| text.to_owned();
    let checks = [
        (
            check().basic_auth("üser", owned("p%41@:/ ")).unwrap(),
            "authorization",
            "Basic w7xzZXI6cCU0MUA6LyA=",
        ),
        (
            check().basic_auth("user", owned("")).unwrap(),
            "authorization",
            "Basic dXNlcjo=",
        ),
        (
            check().bearer_auth(owned("t.o-k/e+n=")).unwrap(),
            "authorization",
            "Bearer t.o-k/e+n=",
        ),
        (
            check().header_auth("X-Api-Key", owned("k")).unwrap(),
            "x-api-key",
            "k",
        ),
    ];
    for (check, name, value) in checks {
        assert_eq!(detail(&health(&check).await, "status"), "200");
        assert_eq!(
            server.heads().last().unwrap().header(name),
            value,
            "{check:?}"
        );
    }
}
