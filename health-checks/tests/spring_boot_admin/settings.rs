//! What cannot work is refused before anything is sent.

use std::time::Duration;

use health_checks::{SettingError, SpringBootAdmin};
use health_core::Management;

use crate::client_at;

#[test]
fn wrong_settings_are_refused_with_a_reason() {
    let client = || client_at("http://admin");
    let started = |client: SpringBootAdmin| {
        let management = Management::builder("orders").build().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let _entered = runtime.enter();
        client.start(&management).unwrap_err()
    };
    let cases: [(SettingError, &str); 12] = [
        (
            SpringBootAdmin::new("admin:8080").unwrap_err(),
            "Spring Boot Admin `admin:8080`: there is no scheme",
        ),
        (
            SpringBootAdmin::new("http://u:s3cret@h?a").unwrap_err(),
            "Spring Boot Admin `http://u:******@h?a`: there is a query",
        ),
        (
            client().admin("ftp://h").unwrap_err(),
            "Spring Boot Admin `ftp://h`: what stands before",
        ),
        (
            client().basic_auth("a:b", String::new()).unwrap_err(),
            "user of Spring Boot Admin: the name",
        ),
        (
            client().service_url("").unwrap_err(),
            "service URL ``: this is empty",
        ),
        (
            client().management_url("http://u@h").unwrap_err(),
            "management URL `http://******@h`: there is a user",
        ),
        (
            client().health_url("http://h/#a").unwrap_err(),
            "health URL `http://h/`: what follows `#`",
        ),
        (
            started(client().period(Duration::ZERO)),
            "registration at Spring Boot Admin: the period must be longer than zero",
        ),
        (
            started(client().timeout(Duration::MAX)),
            "registration at Spring Boot Admin: the timeout must be longer than zero and at most a year",
        ),
        (
            started(client().name("")),
            "registration at Spring Boot Admin: the name is empty",
        ),
        (
            started(SpringBootAdmin::new("http://admin").unwrap()),
            "registration at Spring Boot Admin: there is no service URL",
        ),
        (
            client()
                .start(&Management::builder("orders").build().unwrap())
                .unwrap_err(),
            "registration at Spring Boot Admin: there is no reactor running",
        ),
    ];
    for (error, reason) in cases {
        let text = error.to_string();
        assert!(text.starts_with(reason), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
}
