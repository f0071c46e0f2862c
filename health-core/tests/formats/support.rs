//! What the tests share.

use std::{sync::Arc, time::Duration};

use health_core::{
    Builder, Check, CheckError, CheckResult, Component, Group, Health, Identity, Management,
    Request, async_trait,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use tokio::sync::Semaphore;

pub(crate) const HEALTH_JSON: &str = "application/health+json";
pub(crate) const V2: &str = "application/vnd.spring-boot.actuator.v2+json";
pub(crate) const V3: &str = "application/vnd.spring-boot.actuator.v3+json";

/// An answer, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("ASCII"))
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("a body in JSON")
    }
}

/// Who asks: nobody known, or somebody with the role `ops`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    Anonymous,
    Operator,
}

pub(crate) async fn get(management: &Management, path: &str) -> Answer {
    ask(management, "GET", path, &[], Asker::Anonymous).await
}

pub(crate) async fn accept(management: &Management, path: &str, accept: &str) -> Answer {
    ask(
        management,
        "GET",
        path,
        &[("accept", accept)],
        Asker::Anonymous,
    )
    .await
}

pub(crate) async fn ask(
    management: &Management,
    method: &str,
    path: &str,
    headers: &[(&'static str, &str)],
    asker: Asker,
) -> Answer {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_str(value).expect("a header"),
            )
        })
        .collect();
    let operator = Identity::new().role("ops");
    let identity = (asker == Asker::Operator).then_some(&operator);
    let reply = management.respond(&Request::new(method, path, &headers).identity(identity));
    let (parts, body) = reply.await.into_parts();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.into()).expect("a body in UTF-8"),
    }
}

/// A management of the name `orders`, changed by the test.
pub(crate) fn management(change: impl FnOnce(Builder) -> Builder) -> Management {
    change(Management::builder("orders").version("1.2.3"))
        .build()
        .expect("a valid set-up")
}

/// Returns the same health each time.
pub(crate) fn holds(health: Health) -> impl Check {
    move || {
        let health = health.clone();
        async move { health }
    }
}

/// Every kind of component: one that fails, one that reports components, one that waits, one that is
/// degraded, and names that each format has to escape.
pub(crate) fn shop(builder: Builder) -> Builder {
    let cluster = Health::up()
        .detail("leader", "b")
        .component(
            "a:1",
            Health::down().error(CheckError::new("no route\nto host")),
        )
        .component("b", Health::up());
    let storage = [
        Component::new("files", holds(Health::up().detail("free", 3))),
        Component::new(
            "tapes",
            holds(Health::new("DEGRADED").description("one drive left")),
        ),
    ];
    builder
        .check("cluster", holds(cluster))
        .check(
            "old db",
            holds(
                Health::down()
                    .detail("pool", 0)
                    .error(CheckError::new("refused \"x\" \\")),
            ),
        )
        .component(Component::composite("storage", storage))
        .component(Component::new("queue", after(Duration::from_millis(20))).readiness_only())
        .custom_status(
            "DEGRADED",
            health_core::Severity::Above(health_core::Status::UP),
            http::StatusCode::OK,
        )
        .group(Group::new("data").include(["old db", "cluster/b", "storage"]))
}

/// Is UP after a while.
pub(crate) fn after(time: Duration) -> impl Check {
    move || async move { tokio::time::sleep(time).await }
}

/// Runs when it is let, once for each permit.
pub(crate) struct Gated(pub(crate) Arc<Semaphore>);

#[async_trait]
impl Check for Gated {
    async fn check(&self) -> CheckResult {
        self.0.acquire().await?.forget();
        Ok(Health::up())
    }
}
