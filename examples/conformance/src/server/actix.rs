//! The application in actix-web.

use std::{net::SocketAddr, sync::Arc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::{Server, ServerHandle},
    http::{Method, StatusCode, header},
    middleware::{Condition, Logger},
    web::{self, Bytes, Data, PayloadConfig},
};
use health_actix::Endpoints;
use tokio::sync::oneshot;

use super::{BoxError, GRACE, Logging, Running};
use crate::{
    Application,
    pages::{BARE, BARE_TYPE, CONTROL_BODY_LIMIT_BYTES, HELLO, TEXT},
};

pub(super) fn start(
    app: &Arc<Application>,
    logging: Logging,
    listen: SocketAddr,
) -> Result<Running, BoxError> {
    let app = Arc::clone(app);
    let server = HttpServer::new(move || {
        let management = &app.management;
        let configure = {
            let app = Arc::clone(&app);
            move |config: &mut web::ServiceConfig| routes(config, &app)
        };
        App::new()
            .configure(configure)
            .wrap(Condition::new(logging == Logging::All, Logger::default()))
            .wrap(Condition::new(
                logging == Logging::WithoutProbes,
                health_actix::no_log(management, Logger::default()),
            ))
    });
    let server = server
        .disable_signals()
        .shutdown_timeout(GRACE.as_secs())
        .bind(listen)?;
    let address = server
        .addrs()
        .first()
        .copied()
        .ok_or("no address was bound")?;
    let (stop, stopped) = oneshot::channel();
    let server = server.run();
    let handle = server.handle();
    let task = tokio::spawn(serve(server, handle, stopped));
    Ok(Running::new(address, stop, task))
}

async fn serve(
    server: Server,
    handle: ServerHandle,
    stopped: oneshot::Receiver<()>,
) -> Result<(), BoxError> {
    let stop = async {
        _ = stopped.await;
        handle.stop(true).await;
    };
    let (ended, ()) = tokio::join!(server, stop);
    Ok(ended?)
}

fn routes(config: &mut web::ServiceConfig, app: &Arc<Application>) {
    let users = app.users.clone();
    let endpoints = Endpoints::new(&app.management).identify(move |request: &HttpRequest| {
        let authorization = request.headers().get(header::AUTHORIZATION);
        users.identify(authorization.map(|value| value.as_bytes()))
    });
    config
        .app_data(Data::from(Arc::clone(app)))
        .route("/", web::get().to(hello))
        .route("/bare", web::get().to(bare))
        .service(endpoints)
        .service(
            web::resource("/control/{what:.*}")
                .app_data(PayloadConfig::new(CONTROL_BODY_LIMIT_BYTES))
                .to(control),
        );
}

async fn hello() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, TEXT))
        .body(HELLO)
}

async fn bare() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, BARE_TYPE))
        .body(BARE)
}

async fn control(
    app: Data<Application>,
    method: Method,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let (parts, body) = app
        .control(method.as_str(), request.uri().path(), &body)
        .into_parts();
    let code = StatusCode::from_u16(parts.status.as_u16());
    let mut response = HttpResponse::build(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in &parts.headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.body(body)
}
