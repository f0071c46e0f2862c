//! The service that takes stock from time to time, on one unit only; it listens on nothing.

use std::time::Duration;

use health_checks::{
    LastRun,
    platform::{Environment, Kind, PlatformChecks},
};
use health_core::{Component, Management};
use sqlx::PgPool;
use tokio::time::sleep;

use crate::{
    BoxError, database,
    settings::{Settings, heartbeat_file},
};

/// What its health is asked for by.
pub(crate) const NAME: &str = "scheduler";

/// The name under which logs and traces show it.
const SERVICE: &str = "example-charm-scheduler";

/// How often stock is taken, and how old the last time may be.
const PERIOD: Duration = Duration::from_secs(10);
const MAX_AGE: Duration = Duration::from_secs(60);

pub(crate) async fn run(environment: Environment) -> Result<(), BoxError> {
    let _telemetry = Settings::of(&environment).telemetry(SERVICE)?;
    // The platform starts schedulers on one unit only; this is for those that do not.
    if environment.is_scheduler_unit() == Some(false) {
        return idle().await;
    }
    let checks = PlatformChecks::new(&environment).required([Kind::PostgreSql]);
    let builder = checks.add_to(Management::builder(SERVICE))?;
    let pool = database::pool(&environment)?;
    let (last_run, runs) = LastRun::new(MAX_AGE);
    let management = builder
        .drain_grace(Duration::ZERO)
        .component(Component::new("stock", last_run))
        .build()?;
    let _file = management.heartbeat_file(heartbeat_file(NAME)).start()?;
    let stop = management.drain_on_signal();
    let work = async {
        loop {
            match runs.record(open_orders(&pool)).await {
                Ok(open) => tracing::info!(open, "took stock"),
                Err(error) => tracing::warn!(%error, "stock could not be taken"),
            }
            sleep(PERIOD).await;
        }
    };
    tokio::select! {
        () = stop => Ok(()),
        () = work => Ok(()),
    }
}

/// Does nothing until it is told to end, and is well meanwhile.
async fn idle() -> Result<(), BoxError> {
    let management = Management::builder(SERVICE)
        .drain_grace(Duration::ZERO)
        .build()?;
    let _file = management.heartbeat_file(heartbeat_file(NAME)).start()?;
    tracing::info!("this is not the scheduler's unit: idle");
    management.drain_on_signal().await;
    Ok(())
}

async fn open_orders(pool: &PgPool) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT count(*) FROM orders WHERE done_at IS NULL")
        .fetch_one(pool)
        .await
}
