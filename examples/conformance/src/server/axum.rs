//! The application in axum.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request, State},
    http::{Method, Uri, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use health_axum::{Endpoints, Identity};
use tokio::{net::TcpListener, sync::oneshot};

use super::{BoxError, Logging, Running, logging::trace_layer};
use crate::{
    Application,
    pages::{BARE, BARE_TYPE, CONTROL_BODY_LIMIT_BYTES, HELLO, TEXT},
};

pub(super) async fn start(
    app: &Arc<Application>,
    logging: Logging,
    listen: SocketAddr,
) -> Result<Running, BoxError> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    let server = axum::serve(listener, router(app, logging)).with_graceful_shutdown(async move {
        _ = stopped.await;
    });
    let task = tokio::spawn(async move { Ok(server.await?) });
    Ok(Running::new(address, stop, task))
}

fn router(app: &Arc<Application>, logging: Logging) -> Router {
    let router = Router::new()
        .route("/", get(hello))
        .route("/bare", get(bare))
        .route(
            "/control/{*what}",
            any(control).layer(DefaultBodyLimit::max(CONTROL_BODY_LIMIT_BYTES)),
        )
        .with_state(Arc::clone(app))
        .merge(endpoints(app));
    match logging {
        Logging::Off => router,
        Logging::All => router.layer(trace_layer()),
        Logging::WithoutProbes => router.layer(health_axum::no_log(&app.management, trace_layer())),
    }
}

/// The endpoints behind an authentication layer, as an application has it: it leaves who asks in
/// the request's extensions.
fn endpoints(app: &Arc<Application>) -> Router {
    let endpoints =
        Endpoints::new(&app.management).identify(|extensions| extensions.get().cloned());
    let router = health_axum::endpoints(endpoints);
    match app.users.is_empty() {
        true => router,
        false => router.layer(from_fn_with_state(Arc::clone(app), authenticate)),
    }
}

async fn authenticate(
    State(app): State<Arc<Application>>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(identity) = app.users.identify_headers(request.headers()) {
        request.extensions_mut().insert::<Identity>(identity);
    }
    next.run(request).await
}

async fn hello() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, TEXT)], HELLO)
}

async fn bare() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, BARE_TYPE)], BARE)
}

async fn control(
    State(app): State<Arc<Application>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    app.control(method.as_str(), uri.path(), &body)
        .map(Body::from)
}
