//! The service that finishes orders; it listens on nothing.

use std::time::Duration;

use health_checks::{
    Heartbeat,
    platform::{Environment, Kind, PlatformChecks},
};
use health_core::{Component, Group, LIVENESS, Management};
use sqlx::PgPool;
use tokio::time::sleep;

use crate::{
    BoxError, database,
    settings::{Settings, heartbeat_file},
};

/// What its health is asked for by.
pub(crate) const NAME: &str = "worker";

/// The name under which logs and traces show it.
const SERVICE: &str = "example-charm-worker";

/// How long the loop pauses, and for how long it may say nothing.
const PAUSE: Duration = Duration::from_secs(1);
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// Takes one order that no other worker has under way.
const FINISH_ONE: &str = "UPDATE orders SET done_at = now() WHERE id = \
    (SELECT id FROM orders WHERE done_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)";

pub(crate) async fn run(environment: Environment) -> Result<(), BoxError> {
    let _telemetry = Settings::of(&environment).telemetry(SERVICE)?;
    let checks = PlatformChecks::new(&environment).required([Kind::PostgreSql]);
    let builder = checks.add_to(Management::builder(SERVICE))?;
    let pool = database::pool(&environment)?;
    let (heartbeat, beat) = Heartbeat::new(MAX_SILENCE);
    let management = builder
        // Nobody sends requests here that would have to stop coming.
        .drain_grace(Duration::ZERO)
        .component(Component::new("loop", heartbeat))
        .group(Group::new(LIVENESS).include(["livenessState", "loop"]))
        .build()?;
    // Else the file would say until its second write that the loop has not begun.
    beat.beat();
    let _file = management.heartbeat_file(heartbeat_file(NAME)).start()?;
    let stop = management.drain_on_signal();
    let work = async {
        loop {
            finish_one(&pool).await;
            beat.beat();
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = stop => Ok(()),
        () = work => Ok(()),
    }
}

async fn finish_one(pool: &PgPool) {
    match sqlx::query(FINISH_ONE).execute(pool).await {
        Ok(done) if done.rows_affected() > 0 => tracing::info!("finished an order"),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "no order could be finished"),
    }
}
