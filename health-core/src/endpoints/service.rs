//! The endpoints as a `tower` service over `http` requests.

use std::{
    convert::Infallible,
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Extensions, Request as HttpRequest, Response, request::Parts};
use tower_service::Service;

use super::{Reply, Request};
use crate::{Identity, Management, Route, Server};

type Identify = dyn Fn(&Extensions) -> Option<Identity> + Send + Sync;

/// Answers `http` requests whose paths are whole; cheap to clone.
#[derive(Clone)]
pub struct Endpoints {
    management: Management,
    identify: Arc<Identify>,
    server: Server,
}

impl Endpoints {
    /// Makes the service; everybody is anonymous to it.
    pub fn new(management: &Management) -> Self {
        Self {
            management: management.clone(),
            identify: Arc::new(|_| None),
            server: Server::Application,
        }
    }

    /// Sets how the application's own authentication says who asks, from what it left in the
    /// request's extensions.
    #[must_use]
    pub fn identify<F>(mut self, identify: F) -> Self
    where
        F: Fn(&Extensions) -> Option<Identity> + Send + Sync + 'static,
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

    /// Returns what has to be routed here.
    pub fn routes(&self) -> Vec<Route> {
        self.management.routes(self.server)
    }

    /// Answers a request of which an adapter changes what its framework took off the path.
    pub fn respond(
        &self,
        parts: &Parts,
        adapt: impl for<'a> FnOnce(Request<'a>, &'a Parts) -> Request<'a>,
    ) -> Reply {
        let identity = (self.identify)(&parts.extensions);
        let request = Request::new(parts.method.as_str(), parts.uri.path(), &parts.headers)
            .server(self.server)
            .authority(parts.uri.authority().map(|authority| authority.as_str()))
            .secure(parts.uri.scheme_str() == Some("https"));
        self.management
            .respond(&adapt(request, parts).identity(identity.as_ref()))
    }
}

impl From<&Management> for Endpoints {
    fn from(management: &Management) -> Self {
        Self::new(management)
    }
}

impl<B> Service<HttpRequest<B>> for Endpoints {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = EndpointsFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest<B>) -> Self::Future {
        let (parts, _) = request.into_parts();
        EndpointsFuture(self.respond(&parts, |request, _| request))
    }
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoints")
            .field("management", &self.management)
            .finish_non_exhaustive()
    }
}

/// The response future of [`Endpoints`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct EndpointsFuture(Reply);

impl Future for EndpointsFuture {
    type Output = Result<Response<Bytes>, Infallible>;

    fn poll(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        std::pin::Pin::new(&mut self.0).poll(cx).map(Ok)
    }
}
