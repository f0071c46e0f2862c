//! Any string as any variable: nothing panics, and no secret shows.

use health_checks::platform::Environment;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::{collection, prop_assume, sample};

/// Stands in each secret. Long, so that it is not there by chance.
const MARKER: &str = "Zq7Marker7qZ";

const VARIABLES: [&str; 32] = [
    "POSTGRESQL_DB_CONNECT_STRING",
    "MYSQL_DB_CONNECT_STRING",
    "MONGODB_DB_CONNECT_STRING",
    "REDIS_DB_CONNECT_STRING",
    "VALKEY_DB_CONNECT_STRING",
    "RABBITMQ_CONNECT_STRING",
    "RABBITMQ_CONNECT_STRINGS",
    "REPORTS_POSTGRESQL_DB_CONNECT_STRING",
    "S3_BUCKET",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "S3_ENDPOINT",
    "S3_TLS_CA_CHAIN",
    "SAML_ENTITY_ID",
    "SAML_METADATA_URL",
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_TRANSPORT_SECURITY",
    "SMTP_SKIP_SSL_VERIFY",
    "FGA_HTTP_API_URL",
    "FGA_GRPC_API_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "HTTP_PROXY",
    "https_proxy",
    "NO_PROXY",
    "APP_PORT",
    "PORT",
    "APP_BASE_URL",
    "APP_OIDC_CLIENT_ID",
    "APP_OIDC_API_BASE_URL",
    "APP_OPTION",
    "VALKEY_DB_SENTINEL_ENDPOINTS",
];

/// Where a URL with a password can stand, or can have been put by mistake.
const CONNECT_STRINGS: [(&str, &str); 17] = [
    ("POSTGRESQL_DB_CONNECT_STRING", "postgresql"),
    ("MYSQL_DB_CONNECT_STRING", "mysql"),
    ("MONGODB_DB_CONNECT_STRING", "mongodb"),
    ("REDIS_DB_CONNECT_STRING", "redis"),
    ("VALKEY_DB_CONNECT_STRING", "valkey"),
    ("RABBITMQ_CONNECT_STRING", "amqp"),
    ("RABBITMQ_CONNECT_STRINGS", "amqps"),
    ("http_proxy", "http"),
    ("APP_BACKEND", "postgresql"),
    ("NO_PROXY", "http"),
    ("APP_PEER_FQDNS", "http"),
    ("APP_PORT", "http"),
    ("SMTP_HOST", "smtp"),
    ("SMTP_PORT", "smtp"),
    ("FGA_GRPC_API_URL", "http"),
    ("VALKEY_DB_SENTINEL_ENDPOINTS", "redis"),
    ("RABBITMQ_NETLOC", "amqp"),
];

/// Looks at everything that can be shown.
fn show(environment: &Environment) -> String {
    let problems = environment.problems();
    let ignored = environment.ignored();
    let json = environment.to_json();
    let mut shown = format!("{environment:?}{problems:?}{ignored:?}{json}");
    for integration in environment.integrations() {
        shown += &format!("{integration:?}{:?}", integration.check_name());
        if let Some(connect) = integration.connect_string() {
            shown += &connect.url().to_string();
        }
    }
    shown
}

/// Pieces that passwords break splitters with.
fn noise() -> impl Strategy<Value = String> {
    let pieces = [
        "@",
        ":",
        "/",
        "#",
        "?",
        "[",
        "]",
        "&",
        "=",
        "%",
        ",",
        "%41",
        "://",
        "a",
        "1",
        "12",
        ";",
        "@h/",
        "?a=",
        "@h:1/d?x=",
        ",mysql://",
        ",amqp://u:",
        " ",
        "é",
    ];
    let piece = sample::select(pieces.to_vec());
    collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn location() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("h:5432/d"),
        Just("h"),
        Just("h1,h2:1/d?a=b"),
        Just("[::1]:1/d"),
        Just("::1/d"),
        Just("h:99999/d"),
        Just("h x/d"),
        Just("h/d?sslmode=require"),
        Just("/d"),
        Just(""),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn any_string_is_read(
        values in collection::vec((sample::select(VARIABLES.to_vec()), any::<String>()), 0..6),
        name in any::<String>(),
        value in any::<String>(),
    ) {
        let pairs = values.into_iter().map(|(name, value)| (name.to_owned(), value));
        let environment = Environment::from_pairs(pairs.chain([(name, value)]));
        show(&environment);
        show(&environment.prefix(""));
    }

    #[test]
    fn no_password_shows(
        (variable, scheme) in sample::select(CONNECT_STRINGS.to_vec()),
        before in noise(),
        after in noise(),
        location in location(),
    ) {
        // A comma and a scheme begin the next of several connect strings, and nothing tells that a
        // password goes on there.
        prop_assume!(!format!("{before}{after}").contains(&format!(",{scheme}://")));
        let url = format!("{scheme}://u:{before}{MARKER}{after}@{location}");
        let valkey = ("VALKEY_DB_CONNECT_STRING", "valkey://h");
        let shown = show(&Environment::from_pairs([valkey, (variable, url.as_str())]));
        assert!(!shown.contains(MARKER), "{url}: {shown}");
        assert!(!shown.contains(&MARKER.to_lowercase()), "{url}: {shown}");
    }

    #[test]
    fn a_sound_location_is_found_behind_any_password(before in noise(), after in noise()) {
        let url = format!("mysql://u:{before}{MARKER}{after}@db.example:3307/orders");
        let environment = Environment::from_pairs([("MYSQL_DB_CONNECT_STRING", url.as_str())]);
        let json = environment.to_json();
        let found = &json["integrations"][0];
        assert_eq!(found["hosts"][0]["host"], "db.example", "{url}: {json}");
        assert_eq!(found["hosts"][0]["port"], 3307, "{url}");
        assert_eq!(found["user"], "u", "{url}");
        assert_eq!(found["database"], "orders", "{url}");
    }

    #[test]
    fn no_key_and_no_token_shows(
        name in sample::select(vec![
            "S3_ACCESS_KEY", "S3_SECRET_KEY", "SMTP_PASSWORD", "FGA_TOKEN", "APP_SECRET_KEY",
            "APP_OIDC_CLIENT_SECRET", "APP_API_TOKEN", "APP_DB_PASSWORD", "SMTP_PORT",
            "S3_TLS_CA_CHAIN", "APP_PORT", "PORT", "SMTP_SKIP_SSL_VERIFY", "METRICS_PORT",
            "SMTP_TRANSPORT_SECURITY", "POSTGRESQL_DB_PASSWORD", "REDIS_PASSWORD",
        ]),
        noise in noise(),
    ) {
        let value = format!("{noise}{MARKER}");
        let mut pairs = vec![
            ("S3_BUCKET", "b"), ("S3_ACCESS_KEY", "a"), ("S3_SECRET_KEY", "s"), ("SMTP_HOST", "h"),
            ("FGA_HTTP_API_URL", "http://h"), ("APP_OIDC_CLIENT_ID", "c"),
            ("APP_OIDC_API_BASE_URL", "http://h"), ("APP_BASE_URL", "http://h"),
        ];
        pairs.push((name, &value));
        let shown = show(&Environment::from_pairs(pairs));
        assert!(!shown.contains(MARKER), "{name}={value}: {shown}");
    }
}
