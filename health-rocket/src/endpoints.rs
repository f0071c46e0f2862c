//! The endpoints as Rocket takes them: a fairing to attach, or routes to mount.

use std::{fmt, sync::Arc};

use health_core::{FormedReply, Identity, Management, Request, Route, Server};
use rocket::http::Method;

use crate::{
    handler::EndpointHandler,
    translate::{Answer, RequestHeaders},
};

/// The name under which Rocket lists the routes.
pub(crate) const ROUTE_NAME: &str = "health endpoints";

/// All that Rocket knows; it takes one route for each.
const METHODS: [Method; 9] = [
    Method::Get,
    Method::Head,
    Method::Options,
    Method::Post,
    Method::Put,
    Method::Delete,
    Method::Patch,
    Method::Trace,
    Method::Connect,
];

type Identify = dyn Fn(&rocket::Request<'_>) -> Option<Identity> + Send + Sync;

/// The endpoints for Rocket, to be attached as a fairing or mounted as routes; cheap to clone.
///
/// Attached, they are below the base path of the management, and what else of paths they have:
///
/// ```
/// # use health_rocket::Management;
/// # fn main() -> Result<(), health_rocket::core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let app = rocket::build().attach(health_rocket::endpoints(&management)); // /z/health, ...
/// # Ok(())
/// # }
/// ```
///
/// Mounted, all of that is below the mount point. A request whose method Rocket does not know then
/// gets Rocket's own 400, because it reaches no route; attached, the endpoints answer it as well.
///
/// ```
/// # use health_rocket::Management;
/// # fn main() -> Result<(), health_rocket::core::BuildError> {
/// # let management = Management::builder("orders").build()?;
/// let endpoints = health_rocket::endpoints(&management);
/// let app = rocket::build().mount("/internal", endpoints); // /internal/z/health, ...
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Endpoints {
    management: Management,
    identify: Arc<Identify>,
    server: Server,
}

/// Makes [`Endpoints`] for all who ask: shorter than [`Endpoints::new`].
pub fn endpoints(management: &Management) -> Endpoints {
    Endpoints::new(management)
}

impl Endpoints {
    /// Makes the endpoints; everybody is anonymous to them.
    pub fn new(management: &Management) -> Self {
        Self {
            management: management.clone(),
            identify: Arc::new(|_| None),
            server: Server::Application,
        }
    }

    /// Sets how the application says who asks, from Rocket's own request.
    ///
    /// Request guards are asynchronous and cannot run here. What a request carries can be read at
    /// once, headers and cookies; what takes longer is for a request fairing of the application,
    /// which leaves its result in the request's local cache:
    ///
    /// ```
    /// use health_rocket::{Endpoints, Identity, Management};
    /// use rocket::{Request, fairing::AdHoc};
    ///
    /// #[derive(Clone)]
    /// struct User { is_admin: bool }
    ///
    /// async fn session(token: Option<&str>) -> Option<User> {
    ///     # /*
    ///     ...
    ///     # */
    ///     # token.map(|_| User { is_admin: true })
    /// }
    ///
    /// # fn main() -> Result<(), health_rocket::core::BuildError> {
    /// let management = Management::builder("orders").build()?;
    /// let endpoints = Endpoints::new(&management).identify(|request: &Request<'_>| {
    ///     let user = request.local_cache(|| None::<User>).as_ref()?;
    ///     Some(if user.is_admin { Identity::new().role("admin") } else { Identity::new() })
    /// });
    /// let app = rocket::build()
    ///     .attach(AdHoc::on_request("session", |request, _| Box::pin(async move {
    ///         let user = session(request.headers().get_one("authorization")).await;
    ///         request.local_cache(|| user);
    ///     })))
    ///     .attach(endpoints);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn identify<F>(mut self, identify: F) -> Self
    where
        F: Fn(&rocket::Request<'_>) -> Option<Identity> + Send + Sync + 'static,
    {
        self.identify = Arc::new(identify);
        self
    }

    /// Says on which server the requests come; default [`Server::Application`].
    #[must_use]
    pub fn server(mut self, server: Server) -> Self {
        self.server = server;
        self
    }

    pub(crate) fn management(&self) -> &Management {
        &self.management
    }

    /// Returns what has to be routed here, as the core says it.
    pub(crate) fn paths(&self) -> Vec<Route> {
        self.management.routes(self.server)
    }

    /// Tells whether an endpoint is at a path.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        self.management.has_path(path, self.server)
    }

    /// Has the core answer; the path is the one below the mount point.
    pub(crate) fn respond(
        &self,
        method: &str,
        path: &str,
        request: &rocket::Request<'_>,
    ) -> FormedReply<Answer> {
        let identity = (self.identify)(request);
        let headers = RequestHeaders(request.headers());
        let question = Request::new(method, path, &headers)
            .sent_path(request.uri().path().as_str())
            .secure(request.rocket().config().tls_enabled())
            .server(self.server)
            .identity(identity.as_ref());
        self.management.respond(&question).into_form()
    }
}

impl From<&Management> for Endpoints {
    fn from(management: &Management) -> Self {
        Self::new(management)
    }
}

impl From<Endpoints> for Vec<rocket::Route> {
    fn from(endpoints: Endpoints) -> Self {
        let handler = EndpointHandler::new(endpoints);
        let patterns = handler.patterns();
        let routes = patterns.iter().flat_map(|pattern| {
            METHODS.map(|method| {
                let mut route = rocket::Route::new(method, pattern, handler.clone());
                route.name = Some(ROUTE_NAME.into());
                route
            })
        });
        routes.collect()
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints")
            .field("management", &self.management)
            .finish_non_exhaustive()
    }
}
