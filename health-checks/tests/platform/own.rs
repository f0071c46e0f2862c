//! The application's own variables: prefix, ports, options, proxies, unit.

use health_checks::platform::{Environment, Ignored};

fn read(pairs: &[(&str, &str)]) -> Environment {
    Environment::from_pairs(pairs.iter().copied())
}

#[test]
fn the_prefix_is_found_or_set() {
    let cases = [
        ("flask", vec![("FLASK_BASE_URL", "http://h")], "FLASK_"),
        (
            "django",
            vec![("DJANGO_SECRET_KEY", "k"), ("APP_X", "1")],
            "DJANGO_",
        ),
        ("app", vec![("APP_MUST_SET", "x")], "APP_"),
        ("none", vec![("HOME", "/root")], ""),
        ("empty is absent", vec![("FLASK_X", "")], ""),
    ];
    for (name, pairs, expected) in cases {
        assert_eq!(read(&pairs).app_prefix(), expected, "{name}");
    }
    let pairs = [
        ("SHOP_PORT", "9000"),
        ("SHOP_LOG_LEVEL", "info"),
        ("APP_BASE_URL", "http://h"),
    ];
    for prefix in ["SHOP", "shop", "SHOP_"] {
        let environment = read(&pairs).prefix(prefix);
        assert_eq!(environment.port(), Some(9000), "{prefix}");
        let level = environment.option("log-level").unwrap();
        assert_eq!(level.text().expose(), "info", "{prefix}");
        assert_eq!(environment.base_url(), None, "{prefix}");
    }
    let environment = read(&[("PORT", "1"), ("BASE_URL", "http://h"), ("X", "1")]).prefix("");
    assert_eq!(
        (environment.port(), environment.options().count()),
        (Some(1), 0)
    );
    assert!(environment.base_url().is_some());
}

#[test]
fn ports_follow_the_line_of_the_library() {
    let cases = [
        (
            "1.x",
            vec![("APP_PORT", "1"), ("APP_METRICS_PORT", "2")],
            Some(1),
            Some(2),
        ),
        (
            "2.0",
            vec![("PORT", "1"), ("METRICS_PORT", "2")],
            Some(1),
            Some(2),
        ),
        (
            "an option without effect in 2.0",
            vec![
                ("PORT", "1"),
                ("APP_METRICS_PORT", "2"),
                ("METRICS_PORT", "3"),
            ],
            Some(1),
            Some(3),
        ),
        (
            "own before bare",
            vec![
                ("APP_PORT", "1"),
                ("PORT", "9"),
                ("APP_METRICS_PORT", "2"),
                ("METRICS_PORT", "3"),
            ],
            Some(1),
            Some(2),
        ),
        (
            "link of Kubernetes to a service called app",
            vec![("APP_PORT", "tcp://10.0.0.1:80"), ("PORT", "1")],
            Some(1),
            None,
        ),
        (
            "link of Kubernetes to a service called metrics",
            vec![("PORT", "1"), ("METRICS_PORT", "tcp://10.0.0.1:80")],
            Some(1),
            None,
        ),
        (
            "FastAPI",
            vec![("UVICORN_PORT", "1"), ("METRICS_PORT", "2")],
            Some(1),
            Some(2),
        ),
        (
            "FastAPI in 2.0",
            vec![
                ("UVICORN_PORT", "1"),
                ("APP_METRICS_PORT", "2"),
                ("METRICS_PORT", "3"),
            ],
            Some(1),
            Some(3),
        ),
        (
            "Spring Boot",
            vec![("SERVER_PORT", "1"), ("MANAGEMENT_SERVER_PORT", "2")],
            Some(1),
            Some(2),
        ),
        ("Flask", vec![("FLASK_SECRET_KEY", "k")], None, None),
    ];
    for (name, pairs, port, metrics_port) in cases {
        let environment = read(&pairs);
        assert_eq!(environment.problems(), [], "{name}");
        assert_eq!(environment.port(), port, "{name}");
        assert_eq!(environment.metrics_port(), metrics_port, "{name}");
    }
    let environment = read(&[("APP_PORT", "0")]);
    let problem = environment.problems()[0].to_string();
    assert_eq!(problem, "APP_PORT: it is not a port from 1 to 65535");
    assert_eq!(environment.port(), None);
}

#[test]
fn options_are_typed() {
    let environment = read(&[
        ("APP_MAX_ITEMS", "42"),
        ("APP_RATIO", "0.5"),
        ("APP_VERBOSE", "true"),
        ("APP_EMPTY", ""),
        ("APP_STRIPE_LIVE", "abc"),
        ("APP_STRIPE_TEST", "def"),
    ]);
    assert_eq!(environment.option("max-items").unwrap().int(), Ok(42));
    assert_eq!(environment.option("MAX_ITEMS").unwrap().int(), Ok(42));
    assert_eq!(environment.option("ratio").unwrap().float(), Ok(0.5));
    assert_eq!(environment.option("verbose").unwrap().bool(), Ok(true));
    assert_eq!(environment.option("empty"), None);
    assert_eq!(environment.to_json()["options"]["stripe-live"], "abc");
    let environment = environment.secret_option("stripe");
    assert_eq!(environment.to_json()["options"]["stripe-live"], "******");
    let keys: Vec<&str> = environment.secret("stripe").into_keys().collect();
    assert_eq!(keys, ["live", "test"]);
}

#[test]
fn what_is_no_list_of_peers_is_a_problem() {
    let environment = read(&[("APP_PEER_FQDNS", "a-1.a.svc, a-2.a.svc,")]);
    assert_eq!(environment.peers(), ["a-1.a.svc", "a-2.a.svc"]);
    let environment = read(&[("APP_PEER_FQDNS", "a-1,http://u:s3cr3t@h")]);
    let problem = environment.problems()[0].to_string();
    assert_eq!(
        problem,
        "APP_PEER_FQDNS: it is not a list of names of hosts"
    );
    assert!(environment.peers().is_empty());
    assert!(!format!("{environment:?}").contains("s3cr3t"));
}

#[test]
fn both_spellings_of_proxies_are_read() {
    for (http, https, none) in [
        ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
        ("http_proxy", "https_proxy", "no_proxy"),
    ] {
        let environment = read(&[
            (http, "http://u:p@w@squid:3128"),
            (https, "squid"),
            (none, "localhost, 10.0.0.0/8,"),
        ]);
        let proxies = environment.proxies();
        let proxy = proxies.http.as_ref().unwrap();
        assert_eq!(proxy.hosts()[0].to_string(), "squid:3128", "{http}");
        assert_eq!(proxy.password().unwrap().expose(), "p@w", "{http}");
        assert_eq!(
            proxies.https.as_ref().unwrap().hosts()[0].to_string(),
            "squid:80"
        );
        assert_eq!(proxies.no_proxy, ["localhost", "10.0.0.0/8"]);
    }
}

#[test]
fn says_what_it_ignored_and_why() {
    let environment = read(&[
        ("POSTGRESQL_DB_HOSTNAME", "h"),
        ("S3_BUCKETT", "b"),
        ("X_DB_CONNECT_STRING", "x://h"),
        ("REDIS_PORT", "tcp://10.0.0.1:6379"),
        ("REDIS_SERVICE_HOST", "10.0.0.1"),
        ("PORT", "1"),
        ("METRICS_PORT", "3"),
        ("APP_METRICS_PORT", "2"),
        ("APP_PORT", "4"),
        ("spring.data.redis.url", "redis://h"),
        ("HOME", "/"),
        ("MYSQL_DB_CONNECT_STRING", ""),
    ]);
    let ignored: Vec<_> = environment
        .ignored()
        .iter()
        .map(|i| (i.variable(), i.reason()))
        .collect();
    let link = "Kubernetes made it for a service of that name";
    assert_eq!(
        ignored,
        [
            (
                "METRICS_PORT",
                "APP_METRICS_PORT says something else, and counts"
            ),
            ("PORT", "APP_PORT says something else, and counts"),
            (
                "POSTGRESQL_DB_HOSTNAME",
                "it belongs to no connect string; only those are read"
            ),
            ("REDIS_PORT", link),
            ("REDIS_SERVICE_HOST", link),
            (
                "S3_BUCKETT",
                "integrations of this kind have no variable of this name"
            ),
            (
                "X_DB_CONNECT_STRING",
                "it names no kind of service that is known"
            ),
            (
                "spring.data.redis.url",
                "properties of Spring Boot are not read"
            ),
        ]
    );
    assert_eq!(
        (environment.problems(), environment.integrations()),
        (&[][..], &[][..])
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_a_problem() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};
    let value = OsString::from_vec(vec![0xff]);
    let environment = Environment::from_pairs([("S3_BUCKET", value)]);
    let problems = environment.problems();
    assert!(
        problems
            .iter()
            .any(|p| p.to_string() == "S3_BUCKET: its value is not UTF-8")
    );
    let none: &[Ignored] = &[];
    assert_eq!(environment.ignored(), none);
}

#[test]
fn the_unit_and_the_role_are_known() {
    let environment = read(&[("HOSTNAME", "orders-0")]).service("cron-scheduler");
    assert!(environment.is_scheduler() && !environment.is_worker());
    assert_eq!(environment.is_scheduler_unit(), Some(true));
    let environment = read(&[("HOSTNAME", "orders-1")]).service("jobs-worker");
    assert!(environment.is_worker() && !environment.is_scheduler());
    assert_eq!(environment.is_scheduler_unit(), Some(false));
    let environment = read(&[("HOSTNAME", "laptop")]);
    assert!(!environment.is_worker() && !environment.is_scheduler());
    assert_eq!(environment.is_scheduler_unit(), None);
}
