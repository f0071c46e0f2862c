use axum::http::HeaderMap;
use health_core::{Management, Request, Show};
use serde_json::Value;

use super::{kinds::NotMade, *};

/// Redis is integrated, and its check is not built in.
fn without_redis() -> PlatformChecks {
    let none: [(&str, &str); 0] = [];
    let mut checks = PlatformChecks::new(&Environment::from_pairs(none));
    let made = Err(NotMade::Without("redis"));
    let redis = Planned::new(Kind::Redis, "redis".to_owned(), made, "REDIS");
    checks.planned.push(redis);
    checks
}

async fn answer(management: &Management, path: &str) -> Value {
    let headers = HeaderMap::new();
    let reply = management.respond(&Request::new("GET", path, &headers));
    serde_json::from_slice(reply.await.body()).unwrap()
}

#[tokio::test]
async fn what_is_not_built_in_is_unknown() {
    let builder = Management::builder("orders").show_details(Show::Always);
    let builder = without_redis().add_to(builder).unwrap();
    let management = builder.build().unwrap();
    let redis = answer(&management, "/z/health/redis").await;
    assert_eq!(redis["status"], "UNKNOWN", "{redis}");
    let error = "health-checks is built without the feature `redis`";
    assert_eq!(redis["details"]["error"], error, "{redis}");
}

#[test]
fn what_is_not_built_in_cannot_be_required() {
    let refused = |checks: PlatformChecks| {
        let added = checks.add_to(Management::builder("orders"));
        added.err().map(|missing| missing.to_string())
    };
    let checks = without_redis().required([Kind::Redis, Kind::Smtp]);
    let reason = "missing integrations: smtp; redis is required, \
                  and health-checks is built without the feature `redis`";
    assert_eq!(refused(checks).as_deref(), Some(reason));
    let own = without_redis().check("redis", || async { true });
    assert_eq!(refused(own.required([Kind::Redis])), None);
    assert_eq!(refused(without_redis().readiness([Kind::Redis])), None);
}

#[cfg(not(feature = "redis"))]
#[test]
fn a_kind_whose_feature_is_off_says_so() {
    let pairs = [("REDIS_DB_CONNECT_STRING", "redis://h")];
    let checks = PlatformChecks::new(&Environment::from_pairs(pairs));
    assert_eq!(checks.names(), ["redis"]);
    let missing = checks
        .required([Kind::Redis])
        .add_to(Management::builder("orders"));
    let kinds = missing.err().map(|missing| missing.not_built().collect());
    assert_eq!(kinds, Some(vec![Kind::Redis]));
}
