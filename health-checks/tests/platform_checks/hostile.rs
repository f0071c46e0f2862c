//! Any text can stand in any variable.

use health_checks::platform::{Environment, Kind, PlatformChecks};
use proptest::{prelude::*, string::string_regex};

use crate::asked::builder;

/// Variables of all kinds, some of them twice so that names meet.
const VARIABLES: [&str; 26] = [
    "POSTGRESQL_DB_CONNECT_STRING",
    "A_POSTGRESQL_DB_CONNECT_STRING",
    "POSTGRESQL_A_DB_CONNECT_STRING",
    "MYSQL_DB_CONNECT_STRING",
    "MONGODB_DB_CONNECT_STRING",
    "REDIS_DB_CONNECT_STRING",
    "/ \n*_REDIS_DB_CONNECT_STRING",
    "VALKEY_DB_CONNECT_STRING",
    "RABBITMQ_CONNECT_STRING",
    "RABBITMQ_CONNECT_STRINGS",
    "S3_BUCKET",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "S3_REGION",
    "S3_ENDPOINT",
    "S3_TLS_CA_CHAIN",
    "SMTP_HOST",
    "SMTP_PORT",
    "SAML_ENTITY_ID",
    "SAML_METADATA_URL",
    "SAML_SIGNING_CERTIFICATE",
    "FGA_HTTP_API_URL",
    "FGA_STORE_ID",
    "FGA_TOKEN",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "HTTPS_PROXY",
];

fn text() -> impl Strategy<Value = String> {
    let schemes = "(postgresql|mysql|mongodb(\\+srv)?|rediss?|valkeys?|amqps?|https?|unix)";
    let connect = format!("{schemes}://[a-z@:/%#?\\[\\],.=&0-9]{{0,40}}");
    let likely = format!(
        "{schemes}://u:\\PC{{0,20}}@(h|127.0.0.1|\\[::1\\])(:[0-9]{{1,5}})?(/\\PC{{0,8}})?"
    );
    let [connect, likely] = [connect, likely].map(|regex| string_regex(&regex).unwrap());
    prop_oneof![any::<String>(), connect, likely, "[0-9]{1,6}", "[a-z]{1,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_environment_makes_an_application(texts in prop::collection::vec(text(), VARIABLES.len())) {
        let texts = texts.into_iter().map(|text| text.replace('\0', ""));
        let environment = Environment::from_pairs(VARIABLES.into_iter().zip(texts));
        let checks = PlatformChecks::new(&environment).readiness(Kind::ALL);
        let names = checks.names();
        let added = checks.required(Kind::ALL).hold_readiness().add_to(builder());
        let built = added.unwrap().build();
        prop_assert!(built.is_ok(), "{names:?}: {:?}", built.err());
    }
}
