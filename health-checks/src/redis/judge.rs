//! What the answers of a server mean.

use std::time::Duration;

use health_core::{Health, Status};
use redis::Value;

use super::{
    failure::Failure,
    info::{CLUSTER_SLOTS, Info},
};
use crate::millis::millis;

/// What is expected beyond an answer.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) max_replica_lag: Option<Duration>,
    pub(super) writable: bool,
}

/// What was answered in one run.
#[derive(Debug)]
pub(super) struct Answers {
    pub(super) info: Option<Info>,
    pub(super) cluster: Option<Info>,
    /// How long it took, or how it was refused.
    pub(super) ping: Result<Duration, Failure>,
}

impl Info {
    /// Reads the answer to `INFO`, which is none without a version.
    pub(super) fn of_server(answer: Value) -> Result<Self, Failure> {
        let info = Self::of_cluster(answer)?;
        match info.version() {
            Some(_) => Ok(info),
            None => Err(Failure::Answer("INFO holds no version".to_owned())),
        }
    }

    /// Reads the answer to `CLUSTER INFO`.
    pub(super) fn of_cluster(answer: Value) -> Result<Self, Failure> {
        let text: String = redis::from_redis_value(answer)
            .map_err(|_| Failure::Answer("INFO was not answered by a text".to_owned()))?;
        Ok(Self::parse(&text))
    }
}

impl Answers {
    pub(super) fn judge(self, expected: &Expected) -> Health {
        let (status, error) = match self.problem(expected) {
            None => (Status::UP, None),
            Some((status, error)) => (status, Some(error)),
        };
        let mut health = Health::new(status);
        if let Some(info) = &self.info {
            health = details(health, info);
        }
        if let Some(cluster) = &self.cluster {
            health = health
                .detail("cluster_size", cluster.number("cluster_size"))
                .detail("slots_up", cluster.number("cluster_slots_ok"))
                .detail("slots_fail", cluster.number("cluster_slots_fail"));
        }
        let latency = self.ping.as_ref().ok().copied().map(millis);
        health.detail("latencyMs", latency).detail("error", error)
    }

    fn problem(&self, expected: &Expected) -> Option<(Status, String)> {
        let down = |error| (Status::DOWN, error);
        let loads = self
            .info
            .as_ref()
            .is_some_and(|info| info.is_set("loading"));
        match &self.ping {
            _ if loads => return Some((Status::OUT_OF_SERVICE, Failure::Loading.to_string())),
            Err(Failure::Loading) => {
                return Some((Status::OUT_OF_SERVICE, Failure::Loading.to_string()));
            }
            // What the cluster says of itself is better than that it is down.
            Err(failure) if self.cluster.is_none() => return Some(down(failure.to_string())),
            _ => {}
        }
        let role = replication_problem(self.info.as_ref(), expected);
        let cluster = || self.cluster.as_ref().and_then(cluster_problem);
        let ping = || self.ping.as_ref().err().map(Failure::to_string);
        role.or_else(cluster).or_else(ping).map(down)
    }
}

fn replication_problem(info: Option<&Info>, expected: &Expected) -> Option<String> {
    let Some(info) = info else {
        let asks = expected.writable || expected.max_replica_lag.is_some();
        return asks.then(|| "the role is not known, since only PING is asked".to_owned());
    };
    if !info.is_replica() {
        let is_master = info.text("role") == Some("master");
        return (expected.writable && !is_master).then(|| "this is no master".to_owned());
    }
    if info.text("master_link_status") != Some("up") {
        let since = info.number("master_link_down_since_seconds");
        let since = since.map_or(String::new(), |seconds| format!(" for {seconds} s"));
        let copies = if info.is_set("master_sync_in_progress") {
            "; it is copying the master's data"
        } else {
            ""
        };
        return Some(format!("the link to the master is down{since}{copies}"));
    }
    if expected.writable && info.number("slave_read_only") != Some(0) {
        return Some("this is a read-only replica".to_owned());
    }
    let limit = expected.max_replica_lag?;
    match info.master_silent_for() {
        None => Some("the replica does not tell when it heard from its master".to_owned()),
        Some(silent) if silent > limit => Some(format!(
            "the master was not heard for {} s, at most {} s are allowed",
            silent.as_secs(),
            limit.as_secs_f64()
        )),
        Some(_) => None,
    }
}

fn cluster_problem(cluster: &Info) -> Option<String> {
    let served = cluster.number("cluster_slots_ok");
    match (cluster.text("cluster_state"), served) {
        (Some("ok"), Some(CLUSTER_SLOTS)) => None,
        (Some("ok"), Some(served)) => Some(format!(
            "{} of {CLUSTER_SLOTS} slots are not served",
            CLUSTER_SLOTS.saturating_sub(served)
        )),
        (Some("ok"), None) => Some("CLUSTER INFO does not tell which slots are served".to_owned()),
        (Some("fail"), _) => Some("the cluster has failed (cluster_state:fail)".to_owned()),
        _ => Some("CLUSTER INFO holds no state that is known".to_owned()),
    }
}

fn details(health: Health, info: &Info) -> Health {
    let replicas = info.number("connected_slaves");
    let loaded: Option<f64> = info
        .text("loading_loaded_perc")
        .and_then(|percent| percent.parse().ok());
    let mut health = health
        .detail("version", info.version())
        .detail("mode", info.text("redis_mode"))
        .detail("role", info.text("role"))
        .detail("connectedReplicas", replicas.filter(|_| !info.is_replica()))
        .detail("lagBytes", info.lag_bytes())
        .detail("loadedPercent", loaded.filter(|_| info.is_set("loading")));
    if info.is_replica() {
        let silent = info.master_silent_for().map(|silent| silent.as_secs());
        health = health
            .detail("masterLinkStatus", info.text("master_link_status"))
            .detail("masterLastIoSecondsAgo", silent);
    }
    health
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "redis_version:7.0.15\r\n";
    const REPLICA: &str = "role:slave\r\nslave_read_only:1\r\n";

    fn judge(info: &str, cluster: Option<&str>, expected: &Expected) -> (Status, String) {
        let answers = Answers {
            info: Some(Info::parse(&format!("{VERSION}{info}"))),
            cluster: cluster.map(Info::parse),
            ping: Ok(Duration::ZERO),
        };
        let health = answers.judge(expected);
        let error = health.details().get("error").and_then(|e| e.as_str());
        (
            health.status().clone(),
            error.unwrap_or_default().to_owned(),
        )
    }

    #[test]
    fn roles_are_judged() {
        let lag = Expected {
            max_replica_lag: Some(Duration::from_secs(10)),
            writable: false,
        };
        let writable = Expected {
            max_replica_lag: None,
            writable: true,
        };
        let any = Expected::default();
        let up = "master_link_status:up\r\nmaster_last_io_seconds_ago:";
        let cases = [
            (
                "master",
                "role:master".to_owned(),
                &writable,
                Status::UP,
                "",
            ),
            (
                "no role",
                String::new(),
                &writable,
                Status::DOWN,
                "this is no master",
            ),
            ("replica", format!("{REPLICA}{up}3"), &any, Status::UP, ""),
            (
                "replica to write to",
                format!("{REPLICA}{up}3"),
                &writable,
                Status::DOWN,
                "this is a read-only replica",
            ),
            (
                "replica that takes writes",
                format!("role:slave\nslave_read_only:0\n{up}3"),
                &writable,
                Status::UP,
                "",
            ),
            (
                "at the limit",
                format!("{REPLICA}{up}10"),
                &lag,
                Status::UP,
                "",
            ),
            (
                "behind",
                format!("{REPLICA}{up}11"),
                &lag,
                Status::DOWN,
                "the master was not heard for 11 s, at most 10 s are allowed",
            ),
            (
                "never heard",
                format!("{REPLICA}{up}-1"),
                &lag,
                Status::DOWN,
                "the replica does not tell when it heard from its master",
            ),
            (
                "no link",
                format!("{REPLICA}master_link_status:down\nmaster_link_down_since_seconds:7"),
                &any,
                Status::DOWN,
                "the link to the master is down for 7 s",
            ),
            (
                "copying",
                format!("{REPLICA}master_link_status:down\nmaster_sync_in_progress:1"),
                &any,
                Status::DOWN,
                "the link to the master is down; it is copying the master's data",
            ),
            (
                "link not told",
                REPLICA.to_owned(),
                &any,
                Status::DOWN,
                "the link to the master is down",
            ),
            (
                "loading",
                "loading:1\nloading_loaded_perc:12.5".to_owned(),
                &any,
                Status::OUT_OF_SERVICE,
                "the server is loading its data",
            ),
        ];
        for (name, info, expected, status, error) in cases {
            assert_eq!(
                judge(&info, None, expected),
                (status, error.to_owned()),
                "{name}"
            );
        }
    }

    #[test]
    fn clusters_are_judged() {
        let cases = [
            (
                "ok",
                "cluster_state:ok\ncluster_slots_ok:16384",
                Status::UP,
                "",
            ),
            (
                "failed",
                "cluster_state:fail\ncluster_slots_ok:10923",
                Status::DOWN,
                "the cluster has failed (cluster_state:fail)",
            ),
            (
                "partly",
                "cluster_state:ok\ncluster_slots_ok:10923",
                Status::DOWN,
                "5461 of 16384 slots are not served",
            ),
            (
                "not told",
                "cluster_state:ok",
                Status::DOWN,
                "CLUSTER INFO does not tell which slots are served",
            ),
            (
                "odd",
                "cluster_state:perhaps\ncluster_slots_ok:16384",
                Status::DOWN,
                "CLUSTER INFO holds no state that is known",
            ),
            (
                "empty",
                "",
                Status::DOWN,
                "CLUSTER INFO holds no state that is known",
            ),
        ];
        for (name, cluster, status, error) in cases {
            let judged = judge("role:master", Some(cluster), &Expected::default());
            assert_eq!(judged, (status, error.to_owned()), "{name}");
        }
    }

    #[test]
    fn without_a_version_nothing_is_told() {
        let text = |text: &str| Value::BulkString(text.into());
        let no_version = "INFO holds no version";
        let no_text = "INFO was not answered by a text";
        let cases = [
            ("empty", text(""), no_version),
            ("other words", text("hello"), no_version),
            ("half", text("redis_mode:standalone"), no_version),
            ("number", Value::Int(7), no_version),
            ("null", Value::Nil, no_text),
            ("list", Value::Array(vec![text("redis_version:7")]), no_text),
            ("not UTF-8", Value::BulkString(vec![0xff]), no_text),
        ];
        for (name, answer, error) in cases {
            let failure = Info::of_server(answer).unwrap_err();
            assert_eq!(failure.to_string(), error, "{name}");
        }
    }
}
