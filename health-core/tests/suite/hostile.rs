//! Requests that nobody sends by accident.

use health_core::{Management, Show};

use crate::support::{Runs, ask, management};

fn shop(runs: &Runs) -> Management {
    management(|builder| {
        builder
            .check("db", runs.count(async || ()))
            .healthz("live", runs.count(async || ()))
            .show_details(Show::Always)
    })
}

#[tokio::test(start_paused = true)]
async fn hostile_paths_are_not_found() {
    let runs = Runs::default();
    let shop = shop(&runs);
    let long = "a".repeat(10 * 1024);
    let deep = "/x".repeat(5 * 1024);
    let encoded = "%ff".repeat(4 * 1024);
    let paths = [
        String::new(),
        "*".to_owned(),
        "z/health".to_owned(),
        "http://orders/z/health".to_owned(),
        format!("/{long}"),
        format!("/z/{long}"),
        format!("/z/health/{long}"),
        format!("/z/health{deep}"),
        format!("/z/health/{encoded}"),
        "/..".to_owned(),
        "/z/..".to_owned(),
        "/z/../z/health".to_owned(),
        "/z/health/..".to_owned(),
        "/z/health/../../etc/passwd".to_owned(),
        "/z/health/%2e%2e/db".to_owned(),
        "/z/./health".to_owned(),
        "/z/health/.".to_owned(),
        "/z\\health".to_owned(),
        "/z/health/db\0".to_owned(),
        "/z/health/\u{1}\u{7f}\r\n".to_owned(),
        "/z/health/db\r\nx: y".to_owned(),
        "/z/health/db?x".to_owned(),
        "/z/health/db;jsessionid=1".to_owned(),
        "/z/health/%".to_owned(),
        "/z/health/%u0041".to_owned(),
        "/z/health/\u{202e}bd".to_owned(),
    ];
    for path in &paths {
        for method in ["GET", "HEAD", "OPTIONS", "POST"] {
            let answer = ask(&shop, method, path).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (404, ""),
                "{method} {path:?}"
            );
        }
    }
    assert_eq!(runs.started(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_hostile_name_below_healthz_stays_a_text() {
    let shop = shop(&Runs::default());
    for (path, name) in [
        ("/healthz/%22%7D", "\"}"),
        ("/healthz/%0d%0a", "\r\n"),
        ("/healthz/<b>", "<b>"),
        ("/healthz/live/x", "live/x"),
        ("/healthz/%2e%2e", ".."),
    ] {
        let answer = ask(&shop, "GET", path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(
            answer.text_at("/title"),
            format!("The {name} check endpoint is not setup"),
            "{path}"
        );
    }
    assert_eq!(ask(&shop, "GET", "/healthz/%ff").await.body, "", "no UTF-8");
}

#[tokio::test(start_paused = true)]
async fn headers_that_nobody_knows_change_nothing() {
    let shop = shop(&Runs::default());
    let usual = ask(&shop, "GET", "/z/health").await;
    let long = "x".repeat(64 * 1024);
    for (name, value) in [
        ("host", "\u{fffd}"),
        ("x-http-method-override", "DELETE"),
        ("x-forwarded-host", "evil"),
        ("authorization", "Basic !!!"),
        ("content-length", "-1"),
        ("cookie", long.as_str()),
        ("health-trail", ""),
        ("health-budget-ms", "soon"),
        ("health-budget-ms", "-1"),
        ("health-budget-ms", "99999999999999999999999999"),
        ("health-budget-ms", "18446744073709551615"),
    ] {
        let answer = ask(&shop, "GET", "/z/health").header(name, value).await;
        assert_eq!(answer, usual, "{name}: {value:.40}");
    }
}
