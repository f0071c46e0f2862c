//! Serves the pages of one service and its management endpoints until it has drained.

use std::io;

use axum::Router;
use example_shared::{BoxError, REQUEST_GRACE, Serving};
use health_axum::Management;
use tokio::{net::TcpListener, sync::oneshot, time::timeout};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Returns after a signal, the drain, and the requests that are then still under way.
pub(crate) async fn run(
    pages: Router,
    management: &Management,
    serving: Serving,
) -> Result<(), BoxError> {
    init_log();
    let app = pages
        .merge(health_axum::endpoints(management))
        .layer(health_axum::trace_layer(management));
    let stop = serving.stop(management).await;
    let listener = TcpListener::bind(serving.address()).await;
    let listener = listener.map_err(|error| serving.cannot_listen(&error))?;
    serving.listening(listener.local_addr()?)?;

    let (tell, stopping) = oneshot::channel();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        // Nobody listens any more when the server has ended by itself.
        _ = tell.send(());
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        _ = stopping => {}
    }
    match timeout(REQUEST_GRACE, server).await {
        Ok(ended) => Ok(ended??),
        // A client that sends nothing more is no reason to stay.
        Err(_) => Ok(()),
    }
}

/// Logs to the standard error; tower-http writes its line for each request at the level `DEBUG`.
fn init_log() {
    let levels = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("tower_http", LevelFilter::DEBUG);
    let lines = fmt::layer().with_writer(io::stderr).with_filter(levels);
    tracing_subscriber::registry().with(lines).init();
}
