//! The suite that every check passes, over HTTP and over HTTPS with a private authority.

// The setting for tests covers the test functions themselves and not what they share.
#![allow(clippy::unwrap_used)]

mod site;

use std::sync::Arc;

use check_testing::{Authority, Suite};
use health_checks::{Http, JsonIs, Tls};
use tokio::sync::Mutex;

use self::site::{Site, TOKEN_PATH};

/// The suite counts what the process holds, so that only one runs at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

const SECRET: &str = "s3cret-word";

fn with_conditions(check: Http) -> Http {
    check
        .expect_body_matches("\"state\": *\"ok\"")
        .unwrap()
        .expect_json(serde_json::json!({"state": "ok"}))
        .expect_json_path("$.load", JsonIs::less_than(1))
        .unwrap()
}

#[tokio::test]
async fn plain_with_a_token() {
    let _one = ONE_AT_A_TIME.lock().await;
    let mut site = Site::new(format!("Bearer {SECRET}"), None);
    let address = site.address();
    let url = format!("http://{address}{TOKEN_PATH}");
    let check = |url: &str, token: &str| {
        with_conditions(Http::new(url).unwrap())
            .bearer_auth(token.to_owned())
            .unwrap()
    };
    Suite::new(address, async |address| {
        let url = format!("http://{address}{TOKEN_PATH}");
        Arc::new(check(&url, SECRET)) as _
    })
    .secret(SECRET)
    .down("wrong token", check(&url, "other"))
    .down("other path", check(&format!("http://{address}/x"), SECRET))
    .down(
        "other content",
        check(&url, SECRET).expect_body_without("ok"),
    )
    .down(
        "no TLS there",
        check(&format!("https://{address}/"), SECRET),
    )
    .restart(&mut site)
    .run()
    .await;
}

#[tokio::test]
async fn secure_with_a_private_authority_and_a_password() {
    let _one = ONE_AT_A_TIME.lock().await;
    let authority = Authority::new("private");
    let identity = authority.sign(&["127.0.0.1"]);
    // `user:s3cret-word`
    let mut site = Site::new("Basic dXNlcjpzM2NyZXQtd29yZA==".to_owned(), Some(&identity));
    let address = site.address();
    let trusting = |authority: &Authority| Tls::new().ca(authority.pem()).unwrap();
    let check = |address, tls: Tls, password: &str| {
        let url = format!("https://{address}{TOKEN_PATH}");
        with_conditions(Http::new(url).unwrap())
            .basic_auth("user", password.to_owned())
            .unwrap()
            .tls(tls)
    };
    let other = Authority::new("other");
    let plain = Http::new(format!("http://user:{SECRET}@{address}/")).unwrap();
    Suite::new(address, async |address| {
        Arc::new(check(address, trusting(&authority), SECRET)) as _
    })
    .secret(SECRET)
    .down(
        "wrong password",
        check(address, trusting(&authority), "other"),
    )
    .down("other authority", check(address, trusting(&other), SECRET))
    .down(
        "authorities of the system",
        check(address, Tls::new(), SECRET),
    )
    .down("without TLS", plain)
    .restart(&mut site)
    .run()
    .await;
}
