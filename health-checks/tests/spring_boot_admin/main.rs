//! The registration at Spring Boot Admin, against a server in this process that does what Spring
//! Boot Admin 3 does, and against endpoints served over HTTP.

// The setting for tests covers the test functions themselves and not what they share.
#![allow(clippy::panic, clippy::unwrap_used)]

mod admin;
mod application;
mod failures;
mod lifecycle;
mod logs;
mod secrets;
mod settings;
mod view;

use std::time::Duration;

use health_checks::SpringBootAdmin;

use crate::admin::Admin;

/// Short enough for tests that wait for several of them.
const PERIOD: Duration = Duration::from_millis(20);

/// Registers at an admin, with a service URL at which nobody needs to listen.
fn client_of(admin: &Admin) -> SpringBootAdmin {
    client_at(&admin.url())
}

fn client_at(url: &str) -> SpringBootAdmin {
    SpringBootAdmin::new(url)
        .unwrap()
        .service_url("http://orders:8080")
        .unwrap()
        .period(PERIOD)
}
