//! What Rocket calls: the handler of the routes, and the catcher of what reaches no route.

use std::{collections::BTreeMap, sync::Arc};

use health_core::Route;
use rocket::{
    Catcher, Data, Request,
    catcher::{self, Handler as CatcherHandler},
    http::{Method, Status},
    route::{Handler, Outcome},
};

use crate::{Endpoints, endpoints::ROUTE_NAME, translate};

/// Stands for the methods that Rocket does not know and does not tell; no endpoint has any.
const UNKNOWN_METHOD: &str = "";

/// Answers the requests that Rocket routes to the endpoints.
#[derive(Clone)]
pub(crate) struct EndpointHandler {
    endpoints: Endpoints,
    paths: Arc<[Route]>,
}

impl EndpointHandler {
    pub(crate) fn new(endpoints: Endpoints) -> Self {
        let paths = endpoints.paths().into();
        Self { endpoints, paths }
    }

    /// Returns the paths in Rocket's syntax, in which a pattern for all below a path includes the
    /// path itself.
    pub(crate) fn patterns(&self) -> Vec<String> {
        let roots = self.roots().into_iter();
        let patterns = roots.map(|(root, below)| format!("{root}{below}"));
        patterns.collect()
    }

    /// Returns a catcher at each path for the requests that Rocket refuses before it routes them.
    pub(crate) fn catchers(&self) -> Vec<(&str, Catcher)> {
        let roots = self.roots().into_keys();
        let catchers = roots.map(|root| {
            let mut catcher = Catcher::new(Status::BadRequest.code, self.clone());
            catcher.name = Some(ROUTE_NAME.into());
            (root, catcher)
        });
        catchers.collect()
    }

    /// Returns each path once, and what makes a pattern of it.
    fn roots(&self) -> BTreeMap<&str, &'static str> {
        let mut roots = BTreeMap::new();
        for path in &*self.paths {
            let (root, below) = match path {
                Route::Exact(path) => (path.as_str(), ""),
                Route::Below(path) => (path.trim_end_matches('/'), "/<path..>"),
            };
            let pattern = roots.entry(root).or_insert(below);
            if !below.is_empty() {
                *pattern = below;
            }
        }
        roots
    }

    /// Tells whether a request is for us. Where there is no endpoint, Rocket makes `GET` of `HEAD`
    /// for the sake of the application's own routes, and asks again.
    fn answers(&self, method: Method, path: &str) -> bool {
        self.covers(path) && (method != Method::Head || self.endpoints.has_path(path))
    }

    /// Tells whether a path as it was sent is one of those, of which Rocket's patterns also accept
    /// other spellings.
    fn covers(&self, sent: &str) -> bool {
        self.paths.iter().any(|path| match path {
            Route::Exact(path) => sent == path,
            Route::Below(path) => sent.starts_with(path),
        })
    }
}

#[rocket::async_trait]
impl Handler for EndpointHandler {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let mount = request.route().map_or("/", |route| route.uri.base());
        let path = translate::below_mount(request.uri().path().as_str(), mount);
        let Some(path) = path.filter(|path| self.answers(request.method(), path)) else {
            return Outcome::forward(data, Status::NotFound);
        };
        let reply = self
            .endpoints
            .respond(request.method().as_str(), path, request);
        Outcome::Success(reply.await.response())
    }
}

#[rocket::async_trait]
impl CatcherHandler for EndpointHandler {
    async fn handle<'r>(&self, status: Status, request: &'r Request<'_>) -> catcher::Result<'r> {
        let path = request.uri().path().as_str();
        if request.route().is_some() || !self.covers(path) {
            return as_without_us(status, request).await;
        }
        let reply = self.endpoints.respond(UNKNOWN_METHOD, path, request);
        Ok(reply.await.response())
    }
}

/// Answers what is not ours by the catcher that Rocket would have chosen of the others.
async fn as_without_us<'r>(status: Status, request: &'r Request<'_>) -> catcher::Result<'r> {
    let path = request.uri().path();
    let fits = |catcher: &&Catcher| {
        catcher.name.as_deref() != Some(ROUTE_NAME)
            && catcher.code.is_none_or(|code| code == status.code)
            && catcher.base.path().segments().prefix_of(path.segments())
    };
    let rank = |catcher: &&Catcher| (catcher.base.path().segments().len(), catcher.code.is_some());
    match request.rocket().catchers().filter(fits).max_by_key(rank) {
        Some(catcher) => catcher.handler.handle(status, request).await,
        None => Catcher::default().handler.handle(status, request).await,
    }
}
