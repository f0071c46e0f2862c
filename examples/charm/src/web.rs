//! The service that answers requests.

mod orders;

use std::net::Ipv4Addr;

use axum::Router;
use health_axum::Management;
use health_checks::{
    Postgres,
    platform::{Environment, Kind, PlatformChecks},
};
use health_core::{Component, ManagementServer};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::{BoxError, database, settings::Settings, traces};

pub(crate) async fn run(environment: Environment) -> Result<(), BoxError> {
    let settings = Settings::of(&environment);
    let telemetry = settings.telemetry("example-charm")?;
    let (management, pool) = manage(&environment, &settings)?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, settings.port)).await;
    let listener = listener.map_err(|error| format!("APP_PORT: {error}"))?;
    let metrics = serve_metrics(&management, &settings);
    let _metrics = metrics.map_err(|error| format!("APP_METRICS_PORT: {error}"))?;
    let stop = management.drain_on_signal();
    tracing::info!(
        port = settings.port,
        metrics_port = settings.metrics_port.unwrap_or(settings.port),
        exports_traces = telemetry.exports_traces(),
        "listening"
    );
    let app = Router::new()
        .merge(orders::pages(pool, settings))
        .merge(health_axum::endpoints(&management))
        .layer(health_axum::no_log(&management, traces::layer()))
        .layer(health_axum::metrics_layer(&management));
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}

/// Has all that is integrated checked; readiness waits for the database and its migration.
fn manage(
    environment: &Environment,
    settings: &Settings,
) -> Result<(Management, PgPool), BoxError> {
    if settings.metrics_path == orders::PATH {
        return Err("APP_METRICS_PATH: it is the path of a page of the application".into());
    }
    let pool = database::pool(environment)?;
    // Over the application's own pool: that is the one that has to work.
    let postgresql = Postgres::new(pool.clone()).direct_connection();
    let checks = PlatformChecks::new(environment)
        .required([Kind::PostgreSql])
        .check("postgresql", postgresql);
    let builder = Management::builder("example-charm")
        .version(env!("CARGO_PKG_VERSION"))
        .metrics_path(settings.metrics_path.as_str())
        .show_details(settings.details);
    let migration = Component::new("migration", database::gate(&pool).start());
    let builder = checks.add_to(builder)?.component(migration.readiness());
    Ok((builder.build()?, pool))
}

/// Serves the endpoints on a port of their own, where the platform asks for one.
fn serve_metrics(
    management: &Management,
    settings: &Settings,
) -> std::io::Result<Option<ManagementServer>> {
    let port = settings.metrics_port;
    port.map(|port| management.serve_on((Ipv4Addr::UNSPECIFIED, port)))
        .transpose()
}
