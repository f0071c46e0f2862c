//! The registration comes at once, comes again, and goes.

use std::time::Duration;

use axum::http::Method;
use health_core::Management;

use crate::{
    PERIOD,
    admin::{Admin, id_of},
    client_of,
};

const LONG: Duration = Duration::from_secs(3600);

fn orders() -> Management {
    let builder = Management::builder("orders").drain_grace(LONG);
    builder.build().unwrap()
}

#[tokio::test]
async fn it_registers_at_once() {
    let admin = Admin::start().await;
    let client = client_of(&admin)
        .period(LONG)
        .tag("env", "prod")
        .metadata("group", "shop");
    let _registration = client.start(&orders()).unwrap();
    let known = admin.until(|known| !known.instances.is_empty()).await;

    let registration = &known.instance().registration;
    assert_eq!(registration.name, "orders");
    assert_eq!(
        registration.service_url.as_deref(),
        Some("http://orders:8080")
    );
    assert_eq!(
        registration.management_url.as_deref(),
        Some("http://orders:8080/z")
    );
    assert_eq!(registration.health_url, "http://orders:8080/z/health");
    assert!(
        known
            .instances
            .contains_key(&id_of("http://orders:8080/z/health"))
    );
    let mut metadata = registration.metadata.clone();
    let startup = metadata.remove("startup").unwrap();
    assert!(
        startup.starts_with("20") && startup.ends_with('Z') && startup.len() == 24,
        "{startup}"
    );
    let expected = [("group", "shop"), ("tags.env", "prod")];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(metadata, expected.into());
}

#[tokio::test]
async fn what_it_tells_can_be_set() {
    let cases = [
        (
            "",
            None,
            None,
            "http://orders:8080",
            "http://orders:8080/health",
        ),
        (
            "/a/b",
            None,
            None,
            "http://orders:8080/a/b",
            "http://orders:8080/a/b/health",
        ),
        (
            "/z",
            Some("http://m:9/y/"),
            None,
            "http://m:9/y",
            "http://m:9/y/health",
        ),
        (
            "/z",
            None,
            Some("http://h:9/live"),
            "http://orders:8080/z",
            "http://h:9/live",
        ),
    ];
    for (base_path, management_url, health_url, expected_management, expected_health) in cases {
        let admin = Admin::start().await;
        let management = Management::builder("orders")
            .base_path(base_path)
            .build()
            .unwrap();
        let mut client = client_of(&admin).name("shop").metadata("startup", "then");
        if let Some(url) = management_url {
            client = client.management_url(url).unwrap();
        }
        if let Some(url) = health_url {
            client = client.health_url(url).unwrap();
        }
        let _registration = client.start(&management).unwrap();
        let known = admin.until(|known| !known.instances.is_empty()).await;
        let registration = &known.instance().registration;
        assert_eq!(registration.name, "shop");
        assert_eq!(registration.metadata["startup"], "then");
        assert_eq!(
            registration.management_url.as_deref(),
            Some(expected_management)
        );
        assert_eq!(registration.health_url, expected_health);
    }
}

#[tokio::test]
async fn each_period_sends_the_same_again() {
    let admin = Admin::start().await;
    let started = tokio::time::Instant::now();
    let _registration = client_of(&admin).start(&orders()).unwrap();
    let known = admin.until_asked(4, Method::POST).await;
    assert!(started.elapsed() >= 3 * PERIOD);
    assert_eq!(known.events, ["REGISTERED"]);
}

#[tokio::test]
async fn an_admin_that_forgot_everything_knows_it_again() {
    let admin = Admin::start().await;
    let _registration = client_of(&admin).start(&orders()).unwrap();
    admin.until(|known| !known.instances.is_empty()).await;
    admin.change(|known| {
        known.instances.clear();
        known.asked.clear();
    });
    let known = admin.until(|known| !known.instances.is_empty()).await;
    // The first is the answer to what may have been under way.
    assert!(known.count(&Method::POST) <= 2, "{:?}", known.asked);
}

/// Waits for what would have come by now.
async fn no_more_posts(admin: &Admin) {
    let before = admin.known().count(&Method::POST);
    tokio::time::sleep(4 * PERIOD).await;
    assert_eq!(admin.known().count(&Method::POST), before);
}

#[tokio::test]
async fn a_drain_deregisters_when_it_begins() {
    let admin = Admin::start().await;
    let management = orders();
    let registration = client_of(&admin).period(LONG).start(&management).unwrap();
    admin.until(|known| !known.instances.is_empty()).await;
    let draining = tokio::spawn(async move { management.drain().await });
    let known = admin.until(|known| known.instances.is_empty()).await;
    assert_eq!(known.count(&Method::POST), 1);
    assert!(!draining.is_finished());

    registration.deregister().await;
    assert_eq!(admin.known().count(&Method::DELETE), 1);
}

#[tokio::test]
async fn what_drains_already_is_not_registered() {
    let admin = Admin::start().await;
    let management = orders();
    let drained = management.clone();
    let draining = tokio::spawn(async move { drained.drain().await });
    management.availability().drain_begun().await;
    client_of(&admin)
        .start(&management)
        .unwrap()
        .deregister()
        .await;
    assert!(admin.known().asked.is_empty());
    draining.abort();
}

#[tokio::test]
async fn it_can_be_deregistered_by_hand() {
    let admin = Admin::start().await;
    let registration = client_of(&admin).start(&orders()).unwrap();
    admin.until(|known| !known.instances.is_empty()).await;
    registration.deregister().await;
    assert!(admin.known().instances.is_empty());
    no_more_posts(&admin).await;
}

#[tokio::test]
async fn a_deregistration_comes_after_the_registration_under_way() {
    let admin = Admin::start().await;
    admin.change(|known| known.delay = 2 * PERIOD);
    let registration = client_of(&admin).start(&orders()).unwrap();
    tokio::time::sleep(PERIOD).await;
    registration.deregister().await;
    let known = admin.known();
    assert!(known.instances.is_empty());
    assert_eq!(known.events, ["REGISTERED"]);
}

#[tokio::test]
async fn it_is_deregistered_under_the_latest_id() {
    let admin = Admin::start().await;
    let registration = client_of(&admin).start(&orders()).unwrap();
    admin.until(|known| !known.instances.is_empty()).await;
    admin.change(|known| {
        known.instances.clear();
        known.id_prefix = "app:";
    });
    // An answer under way at the time of the change holds the former id.
    admin.until_asked(2, Method::POST).await;
    registration.deregister().await;
    let known = admin.known();
    assert!(known.instances.is_empty());
    let id = id_of("http://orders:8080/z/health");
    assert_eq!(
        known.asked.last().unwrap().path,
        format!("/instances/app:{id}")
    );
}

#[tokio::test]
async fn dropping_the_handle_ends_it_in_silence() {
    let admin = Admin::start().await;
    let registration = client_of(&admin).start(&orders()).unwrap();
    admin.until_asked(2, Method::POST).await;
    drop(registration);
    tokio::task::yield_now().await;
    no_more_posts(&admin).await;
    assert_eq!(admin.known().count(&Method::DELETE), 0);
}

#[tokio::test]
async fn it_does_not_keep_the_checks_alive() {
    struct Told(Option<tokio::sync::oneshot::Sender<()>>);
    impl Drop for Told {
        fn drop(&mut self) {
            _ = self.0.take().unwrap().send(());
        }
    }
    let admin = Admin::start().await;
    let (sender, dropped) = tokio::sync::oneshot::channel();
    let told = Told(Some(sender));
    let management = Management::builder("orders").check("told", move || {
        _ = &told;
        async { true }
    });
    let management = management.build().unwrap();
    let _registration = client_of(&admin).start(&management).unwrap();
    drop(management);
    dropped.await.unwrap();
    admin.until_asked(2, Method::POST).await;
}

#[test]
fn it_works_on_any_runtime() {
    let multi = tokio::runtime::Runtime::new().unwrap();
    let current = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for runtime in [multi, current] {
        runtime.block_on(async {
            let admin = Admin::start().await;
            let registration = client_of(&admin).start(&orders()).unwrap();
            admin.until(|known| !known.instances.is_empty()).await;
            registration.deregister().await;
            assert!(admin.known().instances.is_empty());
        });
    }
}
