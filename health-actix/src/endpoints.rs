//! The endpoints as a service of an `App` or a scope.

use std::{fmt, sync::Arc};

use actix_web::{
    HttpRequest,
    dev::{AppService, HttpServiceFactory, Path, ResourceDef, ServiceRequest, Url, fn_service},
};
use health_core::{Identity, Management, Route, Server};

use crate::translate;

/// The name of the endpoints among actix-web's resources, as `HttpRequest::match_name` gives it.
pub const RESOURCE_NAME: &str = "health-actix";

/// What a pattern calls the part of a path that varies; no other part of a path has this name.
const TAIL: &str = "health_actix_tail";

/// Mounts the endpoints; to be given to `service` of an `App`, a scope or a `ServiceConfig`.
///
/// `Management` is made once, outside of the closure that makes the `App`: that runs for each
/// worker, and all of them share one engine.
///
/// Inside of a scope all paths are below that of the scope, those of [additional
/// paths](health_core::Group) and of `/healthz` too. As always in actix-web, what is registered
/// first at a path answers there.
pub fn endpoints(management: &Management) -> Endpoints {
    Endpoints::new(management)
}

/// Answers actix-web's requests to the endpoints; cheap to clone.
///
/// ```
/// use actix_web::{App, HttpMessage, HttpRequest};
/// use health_actix::{Endpoints, Identity, Management};
///
/// struct User { is_admin: bool } // left by the application's own authentication middleware
///
/// # fn main() -> Result<(), health_core::BuildError> {
/// let management = Management::builder("orders").build()?;
/// let endpoints = Endpoints::new(&management).identify(|request: &HttpRequest| {
///     let extensions = request.extensions();
///     let user = extensions.get::<User>()?;
///     Some(if user.is_admin { Identity::new().role("admin") } else { Identity::new() })
/// });
/// let app = App::new().service(endpoints);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "endpoints are not there until they are given to an `App`"]
pub struct Endpoints {
    pub(crate) management: Management,
    pub(crate) identify: Arc<Identify>,
    pub(crate) server: Server,
}

type Identify = dyn Fn(&HttpRequest) -> Option<Identity> + Send + Sync;

impl Endpoints {
    /// Makes the endpoints; everybody is anonymous to them.
    pub fn new(management: &Management) -> Self {
        Self {
            management: management.clone(),
            identify: Arc::new(|_| None),
            server: Server::Application,
        }
    }

    /// Sets how the application's own authentication says who asks; default: nobody is known.
    pub fn identify<F>(mut self, identify: F) -> Self
    where
        F: Fn(&HttpRequest) -> Option<Identity> + Send + Sync + 'static,
    {
        self.identify = Arc::new(identify);
        self
    }

    /// Says on which server the requests come; default [`Server::Application`].
    pub fn server(mut self, server: Server) -> Self {
        self.server = server;
        self
    }
}

impl HttpServiceFactory for Endpoints {
    fn register(self, config: &mut AppService) {
        let routes = self.management.routes(self.server);
        for (mut resource, fixed) in routes.iter().filter_map(|route| resource(route, &routes)) {
            resource.set_name(RESOURCE_NAME);
            let endpoints = self.clone();
            let answer = move |request: ServiceRequest| {
                let path = below_scope(request.uri().path(), request.match_info(), &fixed);
                let reply = endpoints.ask(request.request(), path);
                translate::answer(request, reply)
            };
            config.register_service(resource, None, fn_service(answer), None);
        }
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints")
            .field("management", &self.management)
            .finish_non_exhaustive()
    }
}

/// Makes actix-web's pattern for a route, and tells the part of it that does not vary.
///
/// Where the path without its last slash is a route too, both are one prefix: a prefix is compared
/// as text, other patterns that vary are regular expressions.
fn resource(route: &Route, all: &[Route]) -> Option<(ResourceDef, String)> {
    let is_there = |other: Route| all.contains(&other);
    match route {
        Route::Exact(path) if is_there(Route::Below(format!("{path}/"))) => None,
        Route::Exact(path) => Some((ResourceDef::new(path.as_str()), path.clone())),
        Route::Below(path) => {
            let above = path.trim_end_matches('/');
            Some(if is_there(Route::Exact(above.to_owned())) {
                (ResourceDef::prefix(above), above.to_owned())
            } else {
                (ResourceDef::new(format!("{path}{{{TAIL}}}*")), path.clone())
            })
        }
    }
}

/// Takes off a path, as it was sent, what enclosing scopes matched.
///
/// actix-web matches a path of which escapes are decoded, so that lengths say nothing. But escaped
/// slashes stay escaped: what the scopes left has as many slashes on both sides.
fn below_scope<'a>(sent: &'a str, matched: &Path<Url>, fixed: &str) -> &'a str {
    let varying = matched.get(TAIL).unwrap_or_else(|| matched.unprocessed());
    if fixed.len() + varying.len() == matched.as_str().len() {
        return sent;
    }
    let mut from_the_end = sent.rmatch_indices('/');
    let start = from_the_end.nth((slashes(fixed) + slashes(varying)).saturating_sub(1));
    start.map_or(sent, |(start, _)| &sent[start..])
}

fn slashes(path: &str) -> usize {
    path.matches('/').count()
}
