//! Serves the pages of one service and its management endpoints until it has drained.

use std::io;

use actix_web::{App, HttpServer, middleware::Logger, web::ServiceConfig};
use example_shared::{BoxError, REQUEST_GRACE, Serving};
use health_actix::Management;

/// Returns after a signal, the drain, and the requests that are then still under way.
pub(crate) async fn run(
    pages: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    management: &Management,
    serving: Serving,
) -> Result<(), BoxError> {
    // The line of each request comes from actix-web's `Logger` through the `log` crate.
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    // Instead of actix-web's own signal handlers, which would stop the server at once.
    let stop = serving.stop(management).await;
    let management = management.clone();
    let server = HttpServer::new(move || {
        App::new()
            .configure(pages.clone())
            .service(health_actix::endpoints(&management))
            .wrap(health_actix::no_log(&management, Logger::default()))
    })
    .shutdown_signal(stop)
    .shutdown_timeout(REQUEST_GRACE.as_secs())
    .bind(serving.address())
    .map_err(|error| serving.cannot_listen(&error))?;
    for address in server.addrs() {
        serving.listening(address)?;
    }
    Ok(server.run().await?)
}
