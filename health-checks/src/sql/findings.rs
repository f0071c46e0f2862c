//! What a run found out, as far as it came.

use std::time::Duration;

use health_core::Health;
use serde_json::{Value, json};

use crate::{
    millis::millis,
    sql::{Failure, Numbers},
};

/// What is told of a database, in the order in which it is told.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) database: &'static str,
    pub(crate) version: Option<String>,
    pub(crate) role: Option<&'static str>,
    pub(crate) replica_lag: Option<Duration>,
    pub(crate) validation_query: Option<String>,
    pub(crate) result: Option<Value>,
    pub(crate) acquire: Option<Duration>,
    pub(crate) query: Option<Duration>,
}

impl Findings {
    pub(crate) fn health(self, outcome: Result<(), Failure>, pool: &Numbers) -> Health {
        let (health, error) = match outcome {
            Ok(()) => (Health::up(), None),
            Err(failure) => (Health::new(failure.status), Some(failure.reason)),
        };
        health
            .detail("database", self.database)
            .detail("version", self.version)
            .detail("role", self.role)
            .detail("replicaLagMs", self.replica_lag.map(millis))
            .detail("validationQuery", self.validation_query)
            .detail("result", self.result)
            .detail("acquireMs", self.acquire.map(millis))
            .detail("queryMs", self.query.map(millis))
            .detail(
                "pool",
                json!({"size": pool.size, "idle": pool.idle, "max": pool.max}),
            )
            .detail("error", error)
    }
}
