//! Serves the pages of one service and its management endpoints until it has drained.

use std::{collections::HashSet, io, net::SocketAddr};

use example_shared::{BoxError, REQUEST_GRACE, Serving};
use health_rocket::{Management, NoLogFilter, RocketLog};
use rocket::{Build, Config, Rocket, config::Shutdown, error::ErrorKind, fairing::AdHoc};

/// Returns after a signal, the drain, and the requests that are then still under way.
pub(crate) async fn run(
    pages: impl FnOnce(Rocket<Build>) -> Rocket<Build>,
    management: &Management,
    serving: Serving,
) -> Result<(), BoxError> {
    init_log()?;
    let stop = serving.stop(management).await;
    let rocket = pages(rocket::custom(config(serving.address())))
        .attach(health_rocket::endpoints(management))
        .attach(AdHoc::on_liftoff("say where", move |rocket| {
            Box::pin(async move {
                let Config { address, port, .. } = *rocket.config();
                // The service works without anybody who reads this.
                _ = serving.listening(SocketAddr::new(address, port));
            })
        }));
    let rocket = rocket.ignite().await?;
    let shutdown = rocket.shutdown();
    let stopping = rocket::tokio::spawn(async move {
        stop.await;
        shutdown.notify();
    });
    let ended = rocket.launch().await;
    stopping.abort();
    match ended {
        Ok(_) => Ok(()),
        Err(error) => Err(match error.kind() {
            ErrorKind::Bind(reason) => serving.cannot_listen(reason),
            _ => error.into(),
        }),
    }
}

/// Leaves the signals to the drain: Rocket itself would refuse all requests with the first.
fn config(address: SocketAddr) -> Config {
    Config {
        address: address.ip(),
        port: address.port(),
        shutdown: Shutdown {
            ctrlc: false,
            signals: HashSet::new(),
            grace: REQUEST_GRACE.as_secs() as u32,
            mercy: 0,
            ..Shutdown::default()
        },
        ..Config::default()
    }
}

/// Logs to the standard error: Rocket's lines by the `log` crate, and those of the management
/// endpoints by `tracing`.
fn init_log() -> Result<(), BoxError> {
    NoLogFilter::new(RocketLog::stderr()).install()?;
    log::set_max_level(log::LevelFilter::Info);
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).finish();
    Ok(tracing::subscriber::set_global_default(lines)?)
}
