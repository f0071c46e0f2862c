//! Which media type and which shape an `Accept` header gets.
//! Source: Spring Boot `ProducibleOperationArgumentResolver`.

use health_core::{Component, Health, Management, Show};

use crate::support::{V2, V3, ask, holds, management};

const JSON: &str = "application/json";

fn shop() -> Management {
    management(|builder| {
        let pair = [Component::new("one", holds(Health::up().detail("a", 1)))];
        builder
            .component(Component::composite("pair", pair))
            .show_details(Show::Always)
    })
}

#[tokio::test(start_paused = true)]
async fn the_accept_header_decides_type_and_shape() {
    let cases: [(&str, &[&str], &str, &str); 13] = [
        ("absent", &[], V3, "components"),
        ("empty", &[""], V3, "components"),
        ("anything", &["*/*"], V3, "components"),
        ("json", &[JSON], JSON, "components"),
        ("version 3", &[V3], V3, "components"),
        ("version 2", &[V2], V2, "details"),
        (
            "a browser",
            &["text/html,application/xhtml+xml,*/*;q=0.8"],
            V3,
            "components",
        ),
        (
            "Spring Boot Admin",
            &[V3, V2, "application/vnd.spring-boot.actuator.v1+json", JSON],
            V3,
            "components",
        ),
        ("in several lines", &["text/plain", V2], V2, "details"),
        (
            "version 2 is a fallback",
            &["application/json, application/vnd.spring-boot.actuator.v2+json;q=0.1"],
            JSON,
            "details",
        ),
        (
            "quality",
            &["application/json;q=0.2, */*;q=0.1"],
            JSON,
            "components",
        ),
        (
            "blanks and case",
            &[" Application/JSON ; Q=0.5 "],
            JSON,
            "components",
        ),
        (
            "refused, the rest welcome",
            &["application/vnd.spring-boot.actuator.v3+json;q=0, */*"],
            V2,
            "components",
        ),
    ];
    let shop = shop();
    for (name, accept, content_type, key) in cases {
        let request = ask(&shop, "GET", "/z/health");
        let answer = accept
            .iter()
            .fold(request, |request, line| request.accept(line))
            .await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{name}");
        for place in ["/", &format!("/{key}/pair/")] {
            assert!(
                answer.at(&format!("{place}{key}")).is_object(),
                "{name}: {place}{key}: {answer:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn leaves_look_alike_in_both_versions() {
    let shop = shop();
    let bodies = [V2, V3, JSON].map(|accept| {
        ask(&shop, "GET", "/z/health/pair/one")
            .accept(accept)
            .send()
    });
    for body in bodies {
        assert_eq!(body.await.body(), r#"{"status":"UP","details":{"a":1}}"#);
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_produces_is_an_empty_406() {
    let shop = shop();
    let refused = [
        "text/plain",
        "text/html",
        "application/xml",
        "application/json;q=0",
        "image/*",
        "garbage",
    ];
    for path in [
        "/z",
        "/z/info",
        "/z/health",
        "/z/health/pair/one",
        "/z/health/liveness",
    ] {
        for accept in refused {
            let answer = ask(&shop, "GET", path).accept(accept).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (406, ""),
                "{path}: {accept}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unacceptable_type_runs_no_check() {
    let runs = crate::support::Runs::default();
    let management = management(|builder| builder.check("db", runs.count(async || ())));
    assert_eq!(
        ask(&management, "GET", "/z/health")
            .accept("text/plain")
            .await
            .status,
        406
    );
    tokio::task::yield_now().await;
    assert_eq!(runs.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn plain_answers_are_not_negotiated() {
    let management = management(|builder| builder.version("1.2.3").healthz("live", async || ()));
    for (path, content_type) in [
        ("/z/version", "text/plain; charset=utf-8"),
        ("/healthz/live", "application/problem+json"),
    ] {
        let answer = ask(&management, "GET", path).accept("image/png").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn hostile_accept_headers_get_an_answer() {
    let shop = shop();
    let long = "application/json;q=0.5,".repeat(20_000);
    let cases = [
        ("long", long.as_bytes(), 200),
        ("no UTF-8", b"\xff\xfe/\xff", 406),
        ("no UTF-8 beside a good one", b"\xff/\xff, */*", 200),
        ("not a number", b"application/json;q=NaN", 406),
        ("infinite", b"application/json;q=inf", 200),
        ("negative", b"application/json;q=-1", 406),
        ("no number at all", b"application/json;q=high", 200),
        ("nothing between the commas", b",,,,*/*,,", 200),
        ("only separators", b";,/;,/", 406),
        ("a star and a type", b"*/json", 406),
    ];
    for (name, accept, status) in cases {
        let answer = ask(&shop, "GET", "/z/health")
            .header("accept", accept)
            .await;
        assert_eq!(answer.status, status, "{name}");
    }
}
