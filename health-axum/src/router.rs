//! The endpoints as a router to merge, or as a service to nest.

use axum::Router;
use health_core::{Endpoints, Route};

use crate::EndpointService;

/// Makes a router of all endpoints, to be merged into that of the application, whatever its state.
///
/// Takes a `&Management`, or [`Endpoints`] that say how to find out who asks:
///
/// ```
/// use axum::{Router, http::Extensions};
/// use health_axum::{Endpoints, Identity, Management};
///
/// #[derive(Clone)]
/// struct User { is_admin: bool } // left by the application's own authentication layer
///
/// # fn main() -> Result<(), health_core::BuildError> {
/// let management = Management::builder("orders").build()?;
/// let endpoints = Endpoints::new(&management).identify(|extensions: &Extensions| {
///     let user = extensions.get::<User>()?;
///     Some(if user.is_admin { Identity::new().role("admin") } else { Identity::new() })
/// });
/// let app: Router = Router::new().merge(health_axum::endpoints(endpoints));
/// # Ok(())
/// # }
/// ```
///
/// # Panics
/// Merging panics, as always in axum, where the application has a route at the same path.
pub fn endpoints<S>(endpoints: impl Into<Endpoints>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let endpoints = endpoints.into();
    let routes = endpoints.routes();
    let service = EndpointService::merged(endpoints);
    routes
        .into_iter()
        .fold(Router::new(), |router, route| match route {
            Route::Exact(path) => router.route_service(&path, service.clone()),
            Route::Below(path) => router
                .route_service(&path, service.clone())
                .route_service(&format!("{path}{{*path}}"), service.clone()),
        })
}

/// Makes a service of the endpoints below the base path, for `Router::nest_service` at any path.
///
/// What has a path of its own, the additional paths of groups and `/healthz`, is not part of it.
/// The log filters and the metrics know endpoints by the [base path](health_core::Builder::base_path)
/// of the management: let that be the path where this is nested.
///
/// ```
/// # use axum::Router;
/// # use health_axum::Management;
/// # fn main() -> Result<(), health_core::BuildError> {
/// let management = Management::builder("orders").base_path("/internal/z").build()?;
/// let app: Router = Router::new().nest_service("/internal/z", health_axum::nested(&management));
/// # Ok(())
/// # }
/// ```
pub fn nested(endpoints: impl Into<Endpoints>) -> EndpointService {
    EndpointService::nested(endpoints.into())
}
