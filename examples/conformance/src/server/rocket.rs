//! The application in Rocket.

use std::{collections::HashSet, io::Cursor, net::SocketAddr, sync::Arc};

use health_rocket::Endpoints;
use rocket::{
    Build, Data, Request, Response, Rocket, Route,
    config::{Config, Ident, LogLevel, Shutdown},
    data::ToByteUnit,
    fairing::AdHoc,
    http::{ContentType, Method, Status},
    route::{Handler, Outcome},
    shield::Shield,
};
use tokio::sync::oneshot;

use super::{BoxError, GRACE, Logging, Running};
use crate::{
    Application,
    pages::{BARE, CONTROL, CONTROL_BODY_LIMIT_BYTES, HELLO},
};

pub(super) async fn start(
    app: &Arc<Application>,
    logging: Logging,
    listen: SocketAddr,
) -> Result<Running, BoxError> {
    let (tell, listening) = oneshot::channel();
    let rocket = rocket(app, logging, listen)
        .attach(tell_address(tell))
        .ignite()
        .await?;
    let (stop, stopped) = oneshot::channel();
    let shutdown = rocket.shutdown();
    tokio::spawn(async move {
        _ = stopped.await;
        shutdown.notify();
    });
    let task = tokio::spawn(async move {
        rocket.launch().await?;
        Ok(())
    });
    match listening.await {
        Ok(address) => Ok(Running::new(address, stop, task)),
        Err(_) => match task.await? {
            Ok(()) => Err("the server has ended".into()),
            Err(error) => Err(error),
        },
    }
}

/// Without the headers that Rocket adds to every answer, so that all servers answer alike.
fn rocket(app: &Arc<Application>, logging: Logging, listen: SocketAddr) -> Rocket<Build> {
    let grace_seconds = u32::try_from(GRACE.as_secs()).unwrap_or(1);
    let config = Config {
        address: listen.ip(),
        port: listen.port(),
        ident: Ident::none(),
        cli_colors: false,
        log_level: if logging == Logging::Off {
            LogLevel::Off
        } else {
            LogLevel::Normal
        },
        shutdown: Shutdown {
            ctrlc: false,
            signals: HashSet::new(),
            grace: grace_seconds,
            mercy: 0,
            ..Shutdown::default()
        },
        ..Config::default()
    };
    let users = app.users.clone();
    let endpoints = Endpoints::new(&app.management).identify(move |request: &Request<'_>| {
        users.identify(
            request
                .headers()
                .get_one("authorization")
                .map(str::as_bytes),
        )
    });
    rocket::custom(config)
        .attach(Shield::new())
        .attach(endpoints)
        .mount("/", rocket::routes![hello, bare])
        .mount(CONTROL, Control(Arc::clone(app)))
}

fn tell_address(tell: oneshot::Sender<SocketAddr>) -> AdHoc {
    AdHoc::on_liftoff("tell the address", move |rocket| {
        Box::pin(async move {
            let config = rocket.config();
            // Nobody listens when the start has been given up.
            _ = tell.send(SocketAddr::new(config.address, config.port));
        })
    })
}

#[rocket::get("/")]
fn hello() -> (ContentType, &'static str) {
    (ContentType::Plain, HELLO)
}

#[rocket::get("/bare")]
fn bare() -> (ContentType, &'static str) {
    (
        ContentType::new("application", "vnd.spring-boot.actuator.v3+json"),
        BARE,
    )
}

#[derive(Clone)]
struct Control(Arc<Application>);

impl From<Control> for Vec<Route> {
    fn from(control: Control) -> Self {
        let methods = [Method::Get, Method::Put, Method::Delete, Method::Post].into_iter();
        methods
            .map(|method| Route::new(method, "/<what..>", control.clone()))
            .collect()
    }
}

#[rocket::async_trait]
impl Handler for Control {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        let body = match data
            .open(CONTROL_BODY_LIMIT_BYTES.bytes())
            .into_bytes()
            .await
        {
            Ok(body) if body.is_complete() => body.into_inner(),
            Ok(_) => return Outcome::Error(Status::PayloadTooLarge),
            Err(_) => return Outcome::Error(Status::BadRequest),
        };
        let path = request.uri().path().as_str();
        let (parts, body) = self
            .0
            .control(request.method().as_str(), path, &body)
            .into_parts();
        let mut response = Response::build();
        response.status(Status::new(parts.status.as_u16()));
        for (name, value) in &parts.headers {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            response.raw_header(name.as_str().to_owned(), value);
        }
        Outcome::Success(
            response
                .sized_body(body.len(), Cursor::new(body))
                .finalize(),
        )
    }
}
