//! One member of a replica set, as `replSetGetStatus` tells of it.

use std::time::Duration;

use health_core::Health;
use mongodb::bson::{Bson, Document};

use super::failure::{Failure, cut};
use crate::millis::millis;

/// States of a member. Source: MongoDB manual, "Replica Set Member States".
const STARTUP: i64 = 0;
const PRIMARY: i64 = 1;
const SECONDARY: i64 = 2;
const RECOVERING: i64 = 3;
const STARTUP_2: i64 = 5;
const ARBITER: i64 = 7;
const ROLLBACK: i64 = 9;

/// A member that was told with all that is needed to judge it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    is_healthy: bool,
    state: i64,
    state_name: String,
    uptime_s: Option<i64>,
    /// The time of the last change that it has applied, in milliseconds since 1970.
    applied_ms: Option<i64>,
    ping_ms: Option<i64>,
    syncs_from: Option<String>,
    message: Option<String>,
}

impl Member {
    /// Reads a member; one without name, health or state is none.
    pub(super) fn read(document: &Document) -> Result<Self, Failure> {
        let name = text(document, "name").ok_or_else(|| odd("a member without a name"))?;
        let told = |what| number(document, what);
        let state = told("state").ok_or_else(|| odd("a member without a state"))?;
        let health = told("health").ok_or_else(|| odd("a member without a health"))?;
        Ok(Self {
            name,
            is_healthy: health == 1,
            state,
            state_name: text(document, "stateStr").unwrap_or_else(|| state.to_string()),
            uptime_s: told("uptime"),
            applied_ms: match document.get("optimeDate") {
                Some(Bson::DateTime(time)) => Some(time.timestamp_millis()),
                _ => None,
            },
            ping_ms: told("pingMs"),
            syncs_from: text(document, "syncSourceHost"),
            message: text(document, "lastHeartbeatMessage")
                .or_else(|| text(document, "infoMessage")),
        })
    }

    pub(super) fn is_primary(&self) -> bool {
        self.is_healthy && self.state == PRIMARY
    }

    /// Returns how far the member is behind; `None` when it holds no data or does not tell.
    fn lag(&self, primary: Option<&Self>) -> Option<Duration> {
        let newest = primary?.applied_ms?;
        let holds_data = self.is_healthy && [PRIMARY, SECONDARY, RECOVERING].contains(&self.state);
        let behind = newest.saturating_sub(self.applied_ms.filter(|_| holds_data)?);
        Some(Duration::from_millis(u64::try_from(behind).unwrap_or(0)))
    }

    pub(super) fn judge(&self, primary: Option<&Self>, max_lag: Option<Duration>) -> Health {
        let lag = self.lag(primary);
        let message = self
            .message
            .as_deref()
            .unwrap_or("it does not answer the others");
        let health = match self.state {
            _ if !self.is_healthy => Health::down().error(Failure::new(message)),
            SECONDARY => match (max_lag, lag) {
                (Some(_), None) => {
                    Health::down().error(Failure::new("it is not known how far it is behind"))
                }
                (Some(limit), Some(lag)) if lag > limit => {
                    let (lag, limit) = (lag.as_millis(), limit.as_millis());
                    let text = format!(
                        "it is {lag} ms behind the primary, at most {limit} ms are allowed"
                    );
                    Health::down().error(Failure::new(text))
                }
                _ => Health::up(),
            },
            PRIMARY | ARBITER => Health::up(),
            STARTUP | STARTUP_2 | RECOVERING | ROLLBACK => {
                let text = format!("it cannot serve yet: {}", self.state_name);
                Health::out_of_service().error(Failure::new(text))
            }
            _ => Health::down().error(Failure::new(format!("its state is {}", self.state_name))),
        };
        health
            .detail("state", self.state_name.as_str())
            .detail("health", u8::from(self.is_healthy))
            .detail("uptimeSeconds", self.uptime_s)
            .detail("lagMs", lag.map(millis))
            .detail("pingMs", self.ping_ms)
            .detail("syncSource", self.syncs_from.clone())
    }
}

/// Says what is wrong with an answer.
pub(super) fn odd(what: &str) -> Failure {
    Failure::new(format!("replSetGetStatus tells of {what}"))
}

/// Reads a whole number of any of the types in which servers have sent it.
pub(super) fn number(document: &Document, name: &str) -> Option<i64> {
    match document.get(name)? {
        Bson::Int32(number) => Some(i64::from(*number)),
        Bson::Int64(number) => Some(*number),
        // The bounds are those between which a double holds every whole number.
        Bson::Double(number)
            if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 =>
        {
            #[allow(clippy::cast_possible_truncation, reason = "the bounds are checked")]
            Some(*number as i64)
        }
        _ => None,
    }
}

fn text(document: &Document, name: &str) -> Option<String> {
    let text = document.get_str(name).ok()?;
    Some(cut(text)).filter(|text| !text.is_empty())
}
