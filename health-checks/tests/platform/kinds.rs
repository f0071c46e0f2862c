//! What each kind of integration is read as, beyond the vectors.

use health_checks::platform::{Environment, Kind, PlatformChecks, Service, TransportSecurity};

fn service(kind: Kind, pairs: &[(&str, &str)]) -> Service {
    let environment = Environment::from_pairs(pairs.iter().copied());
    assert_eq!(environment.problems(), []);
    environment.integration(kind).unwrap().service().clone()
}

/// Returns `variable: reason` of each problem.
fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    let environment = Environment::from_pairs(pairs.iter().copied());
    assert_eq!(environment.integrations(), []);
    environment
        .problems()
        .iter()
        .map(ToString::to_string)
        .collect()
}

const S3: [(&str, &str); 3] = [
    ("S3_BUCKET", "b"),
    ("S3_ACCESS_KEY", "a"),
    ("S3_SECRET_KEY", "s"),
];

#[test]
fn s3_is_read() {
    let further = [
        ("S3_ADDRESSING_STYLE", "path"),
        ("S3_TLS_CA_CHAIN", "null"),
        ("S3_ATTRIBUTES", r#"["x"]"#),
        ("S3_ENDPOINT", "https://minio:9000/"),
        ("S3_REGION", ""),
    ];
    let Service::S3(s3) = service(Kind::S3, &[&S3[..], &further].concat()) else {
        panic!("not S3")
    };
    assert_eq!(
        (s3.bucket.as_str(), s3.access_key.expose().as_str()),
        ("b", "a")
    );
    assert!(s3.path_style);
    assert_eq!(
        (s3.attributes, s3.tls_ca_chain),
        (vec!["x".to_owned()], vec![])
    );
    assert_eq!(s3.endpoint.unwrap().host().to_string(), "minio:9000");
    assert_eq!(s3.region, None, "empty is absent");
}

#[test]
fn rabbitmq_has_one_and_many() {
    let pairs = [
        ("RABBITMQ_CONNECT_STRING", "amqp://u:p@svc/%2F"),
        (
            "RABBITMQ_CONNECT_STRINGS",
            "amqp://u:p@b1/%2F,amqp://u:p@b0/%2F",
        ),
    ];
    for (name, pairs, host) in [
        ("both", &pairs[..], "svc:5672"),
        ("many", &pairs[1..], "b1:5672"),
    ] {
        let Service::RabbitMq(rabbitmq) = service(Kind::RabbitMq, pairs) else {
            panic!("not RabbitMQ")
        };
        assert_eq!(rabbitmq.connect.hosts()[0].to_string(), host, "{name}");
        assert_eq!(rabbitmq.virtual_host(), "/", "{name}");
        let brokers = rabbitmq.brokers.iter().map(|b| b.hosts()[0].name());
        assert_eq!(brokers.collect::<Vec<_>>(), ["b0", "b1"], "{name}");
    }
}

#[test]
fn smtp_is_read() {
    let cases = [
        ("bare", vec![], TransportSecurity::None, 25),
        (
            "STARTTLS",
            vec![("SMTP_TRANSPORT_SECURITY", "starttls")],
            TransportSecurity::StartTls,
            587,
        ),
        (
            "TLS",
            vec![("SMTP_TRANSPORT_SECURITY", "tls")],
            TransportSecurity::Tls,
            465,
        ),
        (
            "port",
            vec![("SMTP_PORT", "1025")],
            TransportSecurity::None,
            1025,
        ),
    ];
    for (name, mut pairs, security, port) in cases {
        pairs.extend([("SMTP_HOST", "mail"), ("SMTP_SKIP_SSL_VERIFY", "True")]);
        pairs.push(("SMTP_AUTH_TYPE", "not_provided"));
        let Service::Smtp(smtp) = service(Kind::Smtp, &pairs) else {
            panic!("not SMTP")
        };
        assert_eq!(smtp.transport_security, security, "{name}");
        assert_eq!(smtp.host.port(), Some(port), "{name}");
        assert!(smtp.insecure_skip_verify, "{name}");
        assert_eq!(smtp.auth_type, None, "{name}");
    }
}

#[test]
fn traces_go_where_they_should() {
    let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://tempo:4318/");
    let own = (
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "http://tempo:4318/own",
    );
    for (pairs, expected) in [
        (&[general][..], "http://tempo:4318/v1/traces"),
        (&[general, own][..], "http://tempo:4318/own"),
    ] {
        let Service::Tracing(tracing) = service(Kind::Tracing, pairs) else {
            panic!("not tracing")
        };
        assert_eq!(tracing.traces_url().expose(), expected);
    }
}

#[test]
fn oauth_is_not_a_secret_with_a_client_id() {
    let secret = [
        ("APP_API_KEY_CLIENT_ID", "i"),
        ("APP_API_KEY_CLIENT_SECRET", "s"),
    ];
    let environment = Environment::from_pairs(secret);
    assert_eq!(environment.integrations(), []);
    assert_eq!(environment.secret("api-key")["client-secret"].expose(), "s");
    let pairs = [
        ("APP_MY-OIDC_CLIENT_ID", "i"),
        ("APP_MY-OIDC_API_BASE_URL", "https://id.example"),
        ("APP_MY-OIDC_CLIENT_KWARGS", r#"{"scope": "openid email"}"#),
        ("APP_MY_OIDC_REDIRECT_PATH", "/callback"),
        ("APP_MY_OIDC_SCOPES", "openid"),
    ];
    let Service::OAuth(oauth) = service(Kind::OAuth, &pairs) else {
        panic!("not OAuth")
    };
    assert_eq!(oauth.scopes, ["openid", "email"]);
    assert_eq!(oauth.redirect_path.as_deref(), Some("/callback"));
    assert_eq!(Environment::from_pairs(pairs).options().count(), 0);
}

#[test]
fn further_ones_of_a_kind_have_names() {
    let environment = Environment::from_pairs([
        (
            "REPORTS_POSTGRESQL_DB_CONNECT_STRING",
            "postgresql://r/reports",
        ),
        ("POSTGRESQL_DB_CONNECT_STRING", "postgresql://o/orders"),
        ("POSTGRESQL_DB_HOSTNAME", "o"),
    ]);
    let names = environment
        .integrations()
        .iter()
        .map(|i| i.check_name().unwrap());
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["postgresql", "postgresql_reports"]
    );
    assert_eq!(environment.integrations()[1].name(), Some("reports"));
    assert_eq!(environment.ignored(), []);
}

#[test]
fn names_of_checks_are_those_that_are_registered() {
    let environment = Environment::from_pairs([
        ("REDIS_CONNECT_STRING", "redis://a"),
        ("REDIS_DB_CONNECT_STRING", "redis://b"),
        ("A/B_REDIS_DB_CONNECT_STRING", "redis://c"),
        ("POSTGRESQL_DB_CONNECT_STRING", "nothing"),
    ]);
    let json = environment.to_json();
    let integrations = json["integrations"].as_array().unwrap().iter();
    let told: Vec<_> = integrations
        .map(|told| told["checks"][0].as_str())
        .collect();
    let names = ["redis", "redis_2", "redis_a-b"];
    assert_eq!(told, names.map(Some));
    let registered = PlatformChecks::new(&environment).names();
    assert_eq!(registered, [&names[..], &["postgresql"]].concat());
}

#[test]
fn a_host_that_is_named_twice_is_one() {
    let pairs = [("MONGODB_DB_CONNECT_STRING", "mongodb://a,B,b:27017,a:1/d")];
    let environment = Environment::from_pairs(pairs);
    let hosts = environment.integrations()[0].hosts().iter();
    let hosts: Vec<String> = hosts.map(ToString::to_string).collect();
    assert_eq!(hosts, ["a:27017", "b:27017", "a:1"]);
}

#[test]
fn what_cannot_be_read_is_a_problem() {
    let missing = "it is missing, though others of its integration are there";
    let cases = [
        (vec![S3[1], S3[2]], vec![format!("S3_BUCKET: {missing}")]),
        (
            vec![("S3_BUCKET", "b")],
            vec![
                format!("S3_ACCESS_KEY: {missing}"),
                format!("S3_SECRET_KEY: {missing}"),
            ],
        ),
        (
            vec![("SAML_METADATA_URL", "https://h")],
            vec![format!("SAML_ENTITY_ID: {missing}")],
        ),
        (
            vec![("SMTP_USER", "u")],
            vec![format!("SMTP_HOST: {missing}")],
        ),
        (
            vec![("FGA_TOKEN", "t")],
            vec![format!("FGA_HTTP_API_URL: {missing}")],
        ),
        (
            vec![("SMTP_HOST", "h"), ("SMTP_PORT", "x")],
            vec!["SMTP_PORT: it is not a port from 1 to 65535".to_owned()],
        ),
        (
            vec![("SMTP_HOST", "h"), ("SMTP_TRANSPORT_SECURITY", "ssl")],
            vec!["SMTP_TRANSPORT_SECURITY: it is none of `none`, `starttls` and `tls`".to_owned()],
        ),
        (
            vec![("SMTP_HOST", "a,b")],
            vec!["SMTP_HOST: it is not the name or the address of one host".to_owned()],
        ),
        (
            vec![("FGA_GRPC_API_URL", "h:x")],
            vec!["FGA_GRPC_API_URL: it is not one host with a port".to_owned()],
        ),
        (
            vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "tempo:4318")],
            vec![
                "OTEL_EXPORTER_OTLP_ENDPOINT: it does not begin with http:// or https://"
                    .to_owned(),
            ],
        ),
        (
            vec![("REDIS_DB_CONNECT_STRING", "h:6379")],
            vec![
                "REDIS_DB_CONNECT_STRING: it does not begin with redis://, rediss://, valkey://, \
             valkeys:// or unix://"
                    .to_owned(),
            ],
        ),
    ];
    for (pairs, expected) in cases {
        assert_eq!(problems(&pairs), expected, "{pairs:?}");
    }
}
