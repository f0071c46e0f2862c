//! A fairing that counts the application's own requests.

use std::sync::{Mutex, PoisonError};

use health_core::{Management, RequestInFlight, Server};
use rocket::{
    Data, Request, Response,
    fairing::{Fairing, Info, Kind},
};

use super::mounts::Mounts;

/// Counts and times requests for `/prometheus`, as [`HttpMetrics`](health_core::HttpMetrics) says;
/// requests to the endpoints are left out.
///
/// ```
/// # use health_rocket::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app = rocket::build()
///     .attach(health_rocket::endpoints(&management))
///     .attach(health_rocket::metrics_fairing(&management));
/// # Ok(())
/// # }
/// ```
pub fn metrics_fairing(management: &Management) -> MetricsFairing {
    MetricsFairing {
        management: management.clone(),
        mounts: Mounts::default(),
    }
}

/// The fairing that [`metrics_fairing`] makes.
#[derive(Debug)]
pub struct MetricsFairing {
    management: Management,
    mounts: Mounts,
}

/// What a request carries from its beginning to its answer.
#[derive(Default)]
struct Carried(Mutex<Option<RequestInFlight>>);

#[rocket::async_trait]
impl Fairing for MetricsFairing {
    fn info(&self) -> Info {
        Info {
            name: "HTTP metrics",
            kind: Kind::Request | Kind::Response,
        }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let has_path = |path: &str| self.management.has_path(path, Server::Application);
        if self.mounts.lead(request, has_path) {
            return;
        }
        let metrics = self.management.http_metrics();
        let in_flight = metrics.begin(request.method().as_str());
        request.local_cache(|| Carried(Mutex::new(Some(in_flight))));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let carried = request.local_cache(Carried::default);
        let taken = carried
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(mut in_flight) = taken {
            if let Some(route) = request.route() {
                in_flight.set_handler(route.uri.to_string());
            }
            in_flight.end(response.status().code);
        }
    }
}
