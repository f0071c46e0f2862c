//! The fairing that knows which requests are to an endpoint, and how they are answered.

use std::sync::OnceLock;

use http::StatusCode;
use rocket::{
    Data, Orbit, Request, Response, Rocket,
    fairing::{Fairing, Info, Kind},
};

use super::held::{self, Hold};
use crate::{Endpoints, endpoints::ROUTE_NAME, translate};

/// Tells [`NoLogFilter`](super::NoLogFilter) which requests are to an endpoint; made by
/// [`log_fairing`].
#[derive(Debug)]
pub struct LogFairing {
    endpoints: Endpoints,
    /// Where the endpoints are mounted: known when all is in place.
    mounts: OnceLock<Vec<String>>,
}

/// Makes the fairing that [`NoLogFilter`](super::NoLogFilter) needs, for endpoints that are mounted
/// as routes; the fairing [`Endpoints`] brings it along.
///
/// ```
/// # use health_rocket::Management;
/// # fn main() -> Result<(), health_rocket::core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app = rocket::build()
///     .mount("/internal", health_rocket::endpoints(&management))
///     .attach(health_rocket::log_fairing(&management));
/// # Ok(())
/// # }
/// ```
pub fn log_fairing(endpoints: impl Into<Endpoints>) -> LogFairing {
    LogFairing {
        endpoints: endpoints.into(),
        mounts: OnceLock::new(),
    }
}

impl LogFairing {
    /// A request of Rocket's local client has no task of its own, and no remote address.
    fn is_to_an_endpoint(&self, request: &Request<'_>) -> bool {
        let path = request.uri().path().as_str();
        let mut mounts = self.mounts.get().into_iter().flatten();
        request.remote().is_some()
            && mounts.any(|mount| {
                translate::below_mount(path, mount)
                    .is_some_and(|path| self.endpoints.has_path(path))
            })
    }
}

#[rocket::async_trait]
impl Fairing for LogFairing {
    fn info(&self) -> Info {
        let kind = Kind::Liftoff | Kind::Request | Kind::Response;
        Info {
            name: "Health endpoints: log filter",
            kind,
        }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        self.mounts.get_or_init(|| {
            let routes = rocket
                .routes()
                .filter(|route| route.name.as_deref() == Some(ROUTE_NAME));
            let mut mounts: Vec<_> = routes.map(|route| route.uri.base().to_owned()).collect();
            mounts.sort();
            mounts.dedup();
            mounts
        });
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        let management = self.endpoints.management();
        if management.no_log().is_enabled() && self.is_to_an_endpoint(request) {
            request.local_cache(|| Hold::begin(management));
        }
    }

    async fn on_response<'r>(&self, _: &'r Request<'_>, response: &mut Response<'r>) {
        if let Ok(status) = StatusCode::from_u16(response.status().code) {
            held::answered(status);
        }
    }
}
