//! `/prometheus`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use health_core::{Component, Group, Health, Impact, Management, Refresh, Show};
use tokio::sync::Semaphore;

use crate::support::{Asker, Gated, after, ask, get, holds, management, shop};

/// The samples by series; each series is there once.
async fn scrape(management: &Management) -> BTreeMap<String, f64> {
    samples(&get(management, "/z/prometheus").await.body)
}

fn samples(body: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    for line in body.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let twice = samples.insert(series.to_owned(), value.parse().expect("a number"));
        assert_eq!(twice, None, "{series} is there twice");
    }
    samples
}

#[tokio::test]
async fn it_is_answered_with_200_whatever_the_status() {
    let shop = management(shop);
    assert_eq!(get(&shop, "/z/health").await.status, 503);
    let open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = "text/plain; version=0.0.4; charset=utf-8";
    for (accept, content_type) in [
        ("", text),
        ("*/*", text),
        ("image/png", text),
        ("application/openmetrics-text;version=1.0.0", open_metrics),
    ] {
        let answer = ask(
            &shop,
            "GET",
            "/z/prometheus",
            &[("accept", accept)],
            Asker::Anonymous,
        )
        .await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(content_type)),
            "{accept}"
        );
        assert_eq!(
            answer.body.ends_with("# EOF\n"),
            content_type == open_metrics,
            "{accept}"
        );
    }
}

#[tokio::test]
async fn a_second_path_at_the_root_says_the_same_where_it_is_asked_for() {
    let elsewhere = management(|builder| shop(builder).metrics_path("/metrics/"));
    for (path, status) in [("/metrics", 200), ("/metricsx", 404), ("/metrics/x", 404)] {
        assert_eq!(get(&elsewhere, path).await.status, status, "{path}");
    }
    let series = |samples: BTreeMap<String, f64>| samples.into_keys().collect::<Vec<_>>();
    assert_eq!(
        series(samples(&get(&elsewhere, "/metrics").await.body)),
        series(scrape(&elsewhere).await)
    );
    assert_eq!(get(&management(shop), "/metrics").await.status, 404);
}

#[tokio::test]
async fn a_metrics_path_in_the_way_of_something_else_is_refused() {
    let builder = || Management::builder("shop");
    let cases = [
        (
            "no slash",
            builder().metrics_path("metrics"),
            "must be empty or start with `/`",
        ),
        ("nothing", builder().metrics_path("/"), "must be set apart"),
        (
            "the base",
            builder().metrics_path("/z/"),
            "must be set apart",
        ),
        (
            "below the base",
            builder().metrics_path("/z/metrics"),
            "must be set apart",
        ),
        (
            "an endpoint at the root",
            builder().base_path("/").metrics_path("/health"),
            "must be set apart",
        ),
        (
            "a pattern",
            builder().metrics_path("/{m}"),
            "each segment must hold",
        ),
        (
            "no metrics",
            builder().without_prometheus().metrics_path("/metrics"),
            "the metrics are switched off",
        ),
    ];
    for (name, builder, expected) in cases {
        let problems = builder.build().expect_err(name).to_string();
        assert!(problems.contains("metrics path `"), "{name}: {problems}");
        assert!(problems.contains(expected), "{name}: {problems}");
    }
    assert!(builder().metrics_path("/zz/metrics").build().is_ok());
}

#[tokio::test]
async fn a_state_set_has_one_status_and_up_says_what_a_probe_would() {
    let shop =
        management(|builder| shop(builder).check("weird", holds(Health::new("from\nelsewhere"))));
    let samples = scrape(&shop).await;
    for (component, status, is_up) in [
        ("old db", "DOWN", 0.0),
        ("storage/files", "UP", 1.0),
        ("storage/tapes", "DEGRADED", 1.0),
        ("weird", "OTHER", 0.0),
        ("ping", "UP", 1.0),
    ] {
        let series = format!("health_component_status{{component=\"{component}\",status=");
        let set: Vec<_> = samples
            .iter()
            .filter(|(name, value)| name.starts_with(&series) && **value == 1.0)
            .collect();
        assert_eq!(
            set,
            [(&format!("{series}\"{status}\"}}"), &1.0)],
            "{component}"
        );
        assert_eq!(
            samples[&format!("health_component_up{{component=\"{component}\"}}")],
            is_up,
            "{component}"
        );
    }
    assert_eq!(samples["health_up"], 0.0);
    assert_eq!(samples["health_status{status=\"DOWN\"}"], 1.0);
    assert_eq!(samples["health_group_up{group=\"data\"}"], 0.0);
    assert_eq!(samples["health_group_up{group=\"liveness\"}"], 1.0);
    assert_eq!(
        samples["health_group_status{group=\"data\",status=\"DOWN\"}"],
        1.0
    );
    assert_eq!(
        samples["health_build_info{name=\"orders\",version=\"1.2.3\"}"],
        1.0
    );
}

#[tokio::test]
async fn a_status_that_nobody_declared_makes_no_new_series() {
    let series = |status: &'static str| async move {
        let management = management(|builder| builder.check("remote", holds(Health::new(status))));
        let mut names: Vec<String> = scrape(&management).await.into_keys().collect();
        names.retain(|name| name.contains("status"));
        names
    };
    assert_eq!(series("A").await, series("B").await);
    assert_eq!(series("UP").await, series("B").await);
}

#[tokio::test(start_paused = true)]
async fn what_is_run_is_counted() {
    let gate = Arc::new(Semaphore::new(0));
    let slow = Component::new("slow", Gated(Arc::clone(&gate)));
    let cached =
        Component::new("cached", after(Duration::from_millis(250))).ttl(Duration::from_secs(60));
    let failing = Component::new("failing", holds(Health::down())).impact(Impact::NonCritical);
    let management =
        management(|builder| builder.component(slow).component(cached).component(failing));
    let [first, second] = [management.clone(), management.clone()]
        .map(|management| tokio::spawn(async move { get(&management, "/z/health").await.status }));
    tokio::time::sleep(Duration::from_millis(300)).await;
    gate.add_permits(2);
    assert_eq!(
        [first.await.expect("ends"), second.await.expect("ends")],
        [200, 200]
    );
    tokio::time::advance(Duration::from_secs(2)).await;
    let samples = scrape(&management).await;
    let of = |name: &str, component: &str| {
        samples[&format!("health_component_{name}{{component=\"{component}\"}}")]
    };
    assert_eq!(of("runs_total", "slow"), 2.0, "the scrape asks as well");
    assert_eq!(of("coalesced_requests_total", "slow"), 1.0);
    assert_eq!(of("failures_total", "slow"), 0.0);
    assert_eq!(of("runs_total", "cached"), 1.0);
    assert_eq!(of("cache_hits_total", "cached"), 1.0);
    assert!(
        (0.25..0.26).contains(&of("duration_seconds", "cached")),
        "{samples:?}"
    );
    assert!(
        (0.25..0.26).contains(&of("run_seconds_total", "cached")),
        "{samples:?}"
    );
    assert!(
        (2.0..2.2).contains(&of("age_seconds", "cached")),
        "{samples:?}"
    );
    assert_eq!(of("runs_total", "failing"), of("failures_total", "failing"));
    assert_eq!(of("up", "failing"), 0.0);
    assert_eq!(samples["health_up"], 1.0);
    let state = samples
        .keys()
        .find(|name| name.contains("runs_total") && name.contains("ping"));
    assert_eq!(state, None, "a state is not run");
}

#[tokio::test]
async fn scrapes_at_once_cost_one_run_each_check() {
    let gate = Arc::new(Semaphore::new(0));
    let management = management(|builder| {
        builder.component(Component::new("db", Gated(Arc::clone(&gate))).readiness())
    });
    let scrapes: Vec<_> = (0..50)
        .map(|_| {
            tokio::spawn({
                let management = management.clone();
                async move { get(&management, "/z/prometheus").await.body }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    gate.add_permits(1);
    for scrape in scrapes {
        let samples = samples(&scrape.await.expect("ends"));
        assert_eq!(
            samples["health_component_runs_total{component=\"db\"}"],
            1.0
        );
        assert_eq!(samples["health_component_up{component=\"db\"}"], 1.0);
    }
}

#[tokio::test]
async fn a_check_without_result_has_no_duration_and_no_age() {
    let later = Refresh::every(Duration::from_secs(10)).initial_delay(Duration::from_secs(10));
    let management = management(|builder| {
        builder.component(Component::new("late", async || ()).background(later))
    });
    let samples = scrape(&management).await;
    let of = |name: &str| {
        samples
            .get(&format!("health_component_{name}{{component=\"late\"}}"))
            .copied()
    };
    assert_eq!(
        (of("duration_seconds"), of("age_seconds"), of("runs_total")),
        (None, None, Some(0.0))
    );
    assert_eq!(of("up"), Some(0.0), "not yet run is out of service");
}

#[tokio::test]
async fn components_have_series_for_those_who_see_them() {
    let of = |samples: &BTreeMap<String, f64>| {
        let names = samples
            .keys()
            .filter_map(|name| name.strip_prefix("health_component_up{component=\""));
        names
            .map(|name| name.trim_end_matches("\"}").to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let hidden = management(|builder| {
        let queue = Component::new("queue", async || ()).readiness_only();
        builder
            .check("db", async || ())
            .component(queue)
            .show_components(Show::Never)
    });
    let samples = scrape(&hidden).await;
    assert_eq!(of(&samples), "");
    assert!(
        !samples.keys().any(|name| name.contains("component")),
        "{samples:?}"
    );
    assert_eq!(samples["health_group_up{group=\"readiness\"}"], 1.0);

    let authorized = management(|builder| {
        let queue = Component::new("queue", async || ()).readiness_only();
        builder
            .check("db", async || ())
            .component(queue)
            .show_components(Show::WhenAuthorized)
            .group(Group::new("readiness").show_components(Show::Always))
    });
    assert_eq!(
        of(&scrape(&authorized).await),
        "queue readinessState",
        "what the group shows"
    );
    let all = ask(&authorized, "GET", "/z/prometheus", &[], Asker::Operator).await;
    assert_eq!(
        of(&self::samples(&all.body)),
        "db livenessState ping queue readinessState"
    );
}

#[tokio::test]
async fn probes_left_out_of_the_log_are_counted() {
    let management = management(|builder| builder);
    assert!(management.no_log().leaves_out(http::StatusCode::OK));
    assert_eq!(
        scrape(&management).await["health_probes_left_out_total"],
        1.0
    );
}

#[tokio::test]
async fn the_lag_of_a_watched_runtime_is_measured() {
    let management = management(|builder| builder);
    assert!(
        !scrape(&management)
            .await
            .contains_key("health_runtime_lag_seconds")
    );
    management.watch_runtime().expect("a runtime to watch");
    let lag = scrape(&management).await["health_runtime_lag_seconds"];
    assert!((0.0..60.0).contains(&lag), "{lag}");
}
