//! JetStream: whether the account has it, and whether the streams are there.
//!
//! The driver's own types refuse the answers of servers that are older than they are, so what is
//! needed is read here.

use async_nats::{Client, Request, RequestErrorKind};
use health_core::{Health, Status};
use serde_json::Value;

use super::failure::{Failure, cut};

/// Error codes of JetStream. Source: nats-server `server/errors.json`.
const NOT_ENABLED_FOR_ACCOUNT: u64 = 10_039;
const STREAM_NOT_FOUND: u64 = 10_059;
const NOT_ENABLED: u64 = 10_076;

/// What of JetStream is asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    pub(super) domain: Option<String>,
    pub(super) streams: Vec<String>,
}

/// What of JetStream was found.
#[derive(Debug)]
pub(super) struct Found {
    account: Value,
    streams: Vec<(String, Health)>,
}

impl Expected {
    /// Asks for the account, and for one stream after the other.
    pub(super) async fn ask(&self, client: &Client) -> Result<Found, Failure> {
        let account = self.request(client, "INFO").await?;
        if !account["streams"].is_u64() {
            return Err(Failure::new(
                "JetStream does not tell how many streams there are",
            ));
        }
        let mut streams = Vec::with_capacity(self.streams.len());
        for name in &self.streams {
            let stream = match self.stream(client, name).await {
                Ok(info) => judge(&info),
                Err(failure) => Health::down().error(failure),
            };
            streams.push((name.clone(), stream));
        }
        Ok(Found { account, streams })
    }

    async fn stream(&self, client: &Client, name: &str) -> Result<Value, Failure> {
        let is_strange = |c: char| c.is_whitespace() || c.is_control() || ".*>/\\".contains(c);
        if name.is_empty() || name.contains(is_strange) {
            return Err(Failure::new("no stream can have this name"));
        }
        self.request(client, &format!("STREAM.INFO.{name}")).await
    }

    async fn request(&self, client: &Client, what: &str) -> Result<Value, Failure> {
        let subject = match &self.domain {
            None => format!("$JS.API.{what}"),
            Some(domain) => format!("$JS.{domain}.API.{what}"),
        };
        let request = Request::new().inbox(client.new_inbox()).timeout(None);
        let answer = client.send_request(subject, request).await;
        let answer = answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => Failure::new(NOBODY_ANSWERS),
            _ => Failure::lost(format!("JetStream was not asked: {}", cut(error))),
        })?;
        read(&answer.payload)
    }
}

const NOBODY_ANSWERS: &str = "JetStream is not enabled on the server, or has no leader";

fn read(answer: &[u8]) -> Result<Value, Failure> {
    let answer: Value = serde_json::from_slice(answer)
        .map_err(|_| Failure::new("what JetStream answered is no JSON"))?;
    let error = &answer["error"];
    if error.is_null() {
        return Ok(answer);
    }
    Err(Failure::new(match error["err_code"].as_u64() {
        Some(NOT_ENABLED_FOR_ACCOUNT) => "JetStream is not enabled for this account".to_owned(),
        Some(NOT_ENABLED) => NOBODY_ANSWERS.to_owned(),
        Some(STREAM_NOT_FOUND) => "there is no such stream".to_owned(),
        _ => format!("JetStream answered: {}", cut(error)),
    }))
}

fn judge(info: &Value) -> Health {
    let state = &info["state"];
    let cluster = &info["cluster"];
    let leader = cluster["leader"].as_str().unwrap_or_default();
    let health = if !state["messages"].is_u64() {
        Health::down().error(Failure::new("the server does not tell the stream's state"))
    } else if cluster.is_object() && leader.is_empty() {
        Health::down().error(Failure::new("the stream has no leader"))
    } else {
        Health::up()
    };
    health
        .detail("messages", state["messages"].as_u64())
        .detail("bytes", state["bytes"].as_u64())
        .detail("consumers", state["consumer_count"].as_u64())
}

impl Found {
    /// Returns what is wrong with the streams.
    pub(super) fn problem(&self) -> Option<String> {
        let down = self.streams.iter();
        let down = down.filter(|(_, health)| *health.status() != Status::UP);
        let names: Vec<_> = down.map(|(name, _)| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("streams that are not UP: {}", names.join(", ")))
    }

    /// Adds the account, and a component for each stream.
    pub(super) fn add_to(self, health: Health) -> Health {
        let account = &self.account;
        let health = health
            .detail("streams", account["streams"].as_u64())
            .detail("consumers", account["consumers"].as_u64())
            .detail("memoryBytes", account["memory"].as_u64())
            .detail("storageBytes", account["storage"].as_u64());
        let components = self.streams.into_iter();
        components.fold(health, |health, (name, stream)| {
            health.component(name, stream)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn odd_answers_are_failures() {
        let cases = [
            ("nothing", "", "what JetStream answered is no JSON"),
            ("text", "hello", "what JetStream answered is no JSON"),
            (
                "account",
                r#"{"error":{"code":503,"err_code":10039}}"#,
                "JetStream is not enabled for this account",
            ),
            (
                "server",
                r#"{"error":{"err_code":10076}}"#,
                "JetStream is not enabled on the server, or has no leader",
            ),
            (
                "stream",
                r#"{"error":{"err_code":10059}}"#,
                "there is no such stream",
            ),
            (
                "other",
                r#"{"error":"odd"}"#,
                r#"JetStream answered: "odd""#,
            ),
        ];
        for (name, answer, told) in cases {
            assert_eq!(
                read(answer.as_bytes()).unwrap_err().to_string(),
                told,
                "{name}"
            );
        }
    }

    #[test]
    fn a_stream_needs_a_state_and_in_a_cluster_a_leader() {
        let cases = [
            ("alone", json!({"state": {"messages": 1}}), Status::UP),
            (
                "led",
                json!({"state": {"messages": 1}, "cluster": {"leader": "a"}}),
                Status::UP,
            ),
            (
                "not led",
                json!({"state": {"messages": 1}, "cluster": {"name": "c"}}),
                Status::DOWN,
            ),
            (
                "empty leader",
                json!({"state": {"messages": 1}, "cluster": {"leader": ""}}),
                Status::DOWN,
            ),
            ("no state", json!({}), Status::DOWN),
            ("a list", json!([1]), Status::DOWN),
        ];
        for (name, info, status) in cases {
            assert_eq!(*judge(&info).status(), status, "{name}");
        }
    }
}
