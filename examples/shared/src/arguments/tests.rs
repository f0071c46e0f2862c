//! What is understood, and how.

use super::*;

fn parsed(line: &str, variable: Option<(&str, &str)>) -> Result<Command, String> {
    let words = line.split_whitespace().map(str::to_owned);
    parse(words, |name| {
        let (_, value) = variable.filter(|(known, _)| *known == name)?;
        Some(value.to_owned())
    })
}

fn listen(address: &str, variable: &'static str) -> Listen {
    Listen {
        address: address.parse().unwrap(),
        variable,
    }
}

fn settings(base_path: &str, drain_grace_seconds: u64) -> Settings {
    Settings {
        base_path: base_path.to_owned(),
        drain_grace: Duration::from_secs(drain_grace_seconds),
    }
}

#[test]
fn options_win_over_the_environment_and_that_over_the_defaults() {
    let orders = |address| listen(address, ORDERS_LISTEN);
    let users = |address| listen(address, USERS_LISTEN);
    let alone = |listen, users: &str, stop| Command::Serve {
        service: Service::Orders {
            users: users.to_owned(),
        },
        settings: settings("/z", 5),
        serving: Serving { listen, stop },
    };
    let cases = [
        (
            "nothing said",
            "",
            None,
            Command::Both {
                orders: orders(DEFAULT_ORDERS),
                users: users(DEFAULT_USERS),
                settings: settings("/z", 5),
            },
        ),
        (
            "by option",
            "--orders-listen [::1]:1 --users-listen 127.0.0.1:0",
            None,
            Command::Both {
                orders: orders("[::1]:1"),
                users: users("127.0.0.1:0"),
                settings: settings("/z", 5),
            },
        ),
        (
            "by variable",
            "",
            Some((USERS_LISTEN, "127.0.0.1:9")),
            Command::Both {
                orders: orders(DEFAULT_ORDERS),
                users: users("127.0.0.1:9"),
                settings: settings("/z", 5),
            },
        ),
        (
            "by both",
            "users --listen 127.0.0.1:1",
            Some((USERS_LISTEN, "127.0.0.1:9")),
            Command::Serve {
                service: Service::Users,
                settings: settings("/z", 5),
                serving: Serving {
                    listen: users("127.0.0.1:1"),
                    stop: Stop::OnSignal,
                },
            },
        ),
        (
            "orders alone",
            "orders",
            None,
            alone(orders(DEFAULT_ORDERS), DEFAULT_USERS, Stop::OnSignal),
        ),
        (
            "orders alone, users elsewhere",
            "orders --stop-with-stdin --users host:1",
            None,
            alone(orders(DEFAULT_ORDERS), "host:1", Stop::WithStandardInput),
        ),
        (
            "users elsewhere by variable",
            "orders",
            Some((USERS_ADDRESS, "host:2")),
            alone(orders(DEFAULT_ORDERS), "host:2", Stop::OnSignal),
        ),
        (
            "a question",
            "healthcheck users --base-path /admin --drain-grace 0",
            Some((USERS_LISTEN, "127.0.0.1:9")),
            Command::Healthcheck {
                listen: users("127.0.0.1:9"),
                settings: settings("/admin", 0),
            },
        ),
        (
            "the probes, by variable",
            "kubernetes-probes",
            Some((DRAIN_GRACE_VARIABLE, "7")),
            Command::KubernetesProbes {
                settings: settings("/z", 7),
            },
        ),
        ("help", "users --help", None, Command::Help),
    ];
    for (name, line, variable, expected) in cases {
        assert_eq!(parsed(line, variable), Ok(expected), "{name}");
    }
}

#[test]
fn what_is_not_understood_is_named() {
    let cases = [
        ("widgets", "`widgets`"),
        ("users --listen", "`--listen` needs a value"),
        ("users --listen here", "`here` (--listen or USERS_LISTEN)"),
        ("users --users a:1", "`--users`"),
        ("--listen 127.0.0.1:1", "`--listen`"),
        (
            "users --listen 127.0.0.1:1 --listen 127.0.0.1:2",
            "`--listen`",
        ),
        ("users orders", "`orders`"),
        ("healthcheck", "the service is missing"),
        (
            "users --drain-grace long",
            "`long` (--drain-grace or DRAIN_GRACE)",
        ),
    ];
    for (line, expected) in cases {
        let error = parsed(line, None).unwrap_err();
        assert!(error.contains(expected), "{line}: {error}");
    }
    let error = parsed("", Some((ORDERS_LISTEN, "nowhere"))).unwrap_err();
    assert!(
        error.contains("`nowhere` (--orders-listen or ORDERS_LISTEN)"),
        "{error}"
    );
}

#[test]
fn the_help_names_what_is_read() {
    for word in [
        ORDERS_LISTEN,
        USERS_LISTEN,
        USERS_ADDRESS,
        BASE_PATH,
        BASE_PATH_VARIABLE,
        DRAIN_GRACE,
        DRAIN_GRACE_VARIABLE,
        DEFAULT_DRAIN_GRACE_SECONDS,
        STOP_WITH_STDIN,
        DEFAULT_ORDERS,
        DEFAULT_USERS,
    ] {
        assert!(HELP.contains(word), "{word}");
    }
}
