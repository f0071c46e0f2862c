//! The fairing that knows which requests are to an endpoint, and how they are answered.

use http::StatusCode;
use rocket::{
    Data, Request, Response,
    fairing::{Fairing, Info, Kind},
};

use super::held::{self, Hold};
use crate::{Endpoints, middleware::mounts::Mounts};

/// Tells [`NoLogFilter`](super::NoLogFilter) which requests are to an endpoint; made by
/// [`log_fairing`].
#[derive(Debug)]
pub struct LogFairing {
    endpoints: Endpoints,
    mounts: Mounts,
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
        mounts: Mounts::default(),
    }
}

impl LogFairing {
    /// A request of Rocket's local client has no task of its own, and no remote address.
    fn is_to_an_endpoint(&self, request: &Request<'_>) -> bool {
        let has_path = |path: &str| self.endpoints.has_path(path);
        request.remote().is_some() && self.mounts.lead(request, has_path)
    }
}

#[rocket::async_trait]
impl Fairing for LogFairing {
    fn info(&self) -> Info {
        Info {
            name: "Health endpoints: log filter",
            kind: Kind::Request | Kind::Response,
        }
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
