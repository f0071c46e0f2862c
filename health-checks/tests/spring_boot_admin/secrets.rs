//! Credentials go to the admin and nowhere else.

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use health_core::{Management, Secret};

use crate::{PERIOD, admin::Admin, client_at, client_of, logs::Logs};

const SECRET: &str = "s3cret:%41/@?#é";

fn management() -> Management {
    Management::builder("orders").build().unwrap()
}

fn base64_of(admin: &Admin) -> String {
    let known = admin.known();
    let header = known.asked[0].headers.get(header::AUTHORIZATION);
    header.map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_user_is_basic_authentication() {
    let admin = Admin::start().await;
    let host = admin.address;
    let own = client_of(&admin)
        .basic_auth("a%b", Secret::new(SECRET.to_owned()))
        .unwrap();
    let in_url = client_at(&format!("http://u:p@{host}"));
    let both = client_at(&format!("http://u:p@{host}"))
        .basic_auth("a", SECRET.to_owned())
        .unwrap();
    let cases = [
        // `printf %s 'a%b:s3cret:%41/@?#é' | base64`
        ("own", own, "Basic YSViOnMzY3JldDolNDEvQD8jw6k="),
        // `printf %s u:p | base64`
        ("in the URL", in_url, "Basic dTpw"),
        ("the URL's wins", both, "Basic dTpw"),
    ];
    for (name, client, expected) in cases {
        admin.change(|known| {
            known.asked.clear();
            known.instances.clear();
        });
        let registration = client.start(&management()).unwrap();
        admin.until(|known| !known.asked.is_empty()).await;
        assert_eq!(base64_of(&admin), expected, "{name}");
        registration.deregister().await;
        let known = admin.known();
        let header = known
            .asked
            .last()
            .unwrap()
            .headers
            .get(header::AUTHORIZATION);
        assert_eq!(header.unwrap(), expected, "{name}, deletion");
    }
}

#[tokio::test]
async fn nothing_shows_them() {
    let (logs, _guard) = Logs::catch();
    let admin = Admin::start().await;
    admin.change(|known| {
        known.proxy = Some(|_| Some(StatusCode::UNAUTHORIZED.into_response()));
    });
    let client = client_at(&format!("http://u:s3cret@{}", admin.address))
        .admin(admin.url())
        .unwrap()
        .basic_auth("me", SECRET.to_owned())
        .unwrap()
        .callback_credentials("me", SECRET.to_owned())
        .metadata("api.token", SECRET);
    let shown = format!("{client:?}");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains(r#""user.password": ******"#), "{shown}");
    let registration = client.start(&management()).unwrap();
    assert_eq!(format!("{registration:?}"), "Registration { .. }");
    admin.until(|known| known.asked.len() >= 3).await;

    admin.change(|known| known.proxy = None);
    let known = admin.until(|known| !known.instances.is_empty()).await;
    tokio::time::sleep(PERIOD).await;
    registration.deregister().await;
    let user = known.instance().registration.user();
    assert_eq!(user, Some(("me".to_owned(), SECRET.to_owned())));
    assert_eq!(logs.with("s3cret"), [""; 0]);
    assert_eq!(logs.with("answered 401").len(), 2);
    assert!(!logs.with(": deregistered at Spring Boot Admin").is_empty());
}
