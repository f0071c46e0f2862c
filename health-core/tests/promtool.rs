//! What Prometheus' own tool says of `/prometheus`.

use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use health_core::{Builder, CheckError, Component, Health, Management, Refresh, Request, Show};
use http::HeaderMap;

/// Asks for the metrics and gives them to `promtool check metrics`, which reports names against the
/// conventions and text that cannot be read.
async fn check(case: &str, change: impl FnOnce(Builder) -> Builder) {
    let management = change(Management::builder("orders \"x\"\\"))
        .build()
        .expect("a valid set-up");
    let headers = HeaderMap::new();
    let mut in_flight = management.http_metrics().begin("GET");
    in_flight.set_handler("/orders/\"{id}\"");
    in_flight.end(200);
    for _ in 0..2 {
        _ = management
            .respond(&Request::new("GET", "/z/health", &headers))
            .await;
    }
    let metrics = management
        .respond(&Request::new("GET", "/z/prometheus", &headers))
        .await;
    assert_eq!(metrics.status(), 200, "{case}");
    let metrics = metrics.into_body();
    assert!(metrics.len() > 100, "{case}: {metrics:?}");

    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool = promtool.expect("promtool starts: `apt-get install prometheus` installs it");
    promtool
        .stdin
        .take()
        .expect("a pipe")
        .write_all(&metrics)
        .expect("promtool reads");
    let output = promtool.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    let metrics = String::from_utf8_lossy(&metrics);
    assert!(
        output.status.success() && said.is_empty(),
        "{case}: promtool says: {said}\nof\n{metrics}"
    );
}

fn shop(builder: Builder) -> Builder {
    let refused = || async { Err::<(), _>(CheckError::new("refused")) };
    let remote = || async { Health::new("a status from\nelsewhere \"quoted\" \\") };
    builder
        .check("db", async || ())
        .check("a \"quoted\" \\ name, größe {x}", async || ())
        .check("remote", remote)
        .component(Component::composite(
            "pair",
            [
                Component::new("one", refused),
                Component::new("two", refused),
            ],
        ))
        .component(Component::new("queue", async || ()).readiness_only())
        .component(Component::new("cached", async || ()).ttl(Duration::from_secs(60)))
        .component(Component::new("late", async || ()).background(
            Refresh::every(Duration::from_secs(60)).initial_delay(Duration::from_secs(60)),
        ))
}

#[tokio::test]
async fn promtool_finds_nothing() {
    check("everything shown", |builder| {
        shop(builder).show_details(Show::Always).show_timings()
    })
    .await;
    check("components hidden", |builder| {
        shop(builder).show_components(Show::Never)
    })
    .await;
    check("no check at all", |builder| builder.version("1.2.3")).await;
}
