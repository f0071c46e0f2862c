//! The messages of Celery's remote control: the question that is sent to workers, and what they
//! answer.
//!
//! Source: kombu `pidbox` and its virtual transport for Redis, as seen on the wire.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use crate::net::shown;

/// The largest answer that is read, in bytes; a pong has about 30.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// The longest name of a worker that is taken, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// One question to all workers, or to some.
pub(super) struct Ping {
    /// What answers have to show to belong to this question.
    pub(super) ticket: String,
    /// Seconds since 1970 after which nobody waits any more.
    pub(super) expires: f64,
    body: Vec<u8>,
}

impl Ping {
    /// Asks the workers of the names, or all when there are none, to answer to a routing key.
    pub(super) fn new(
        exchange: &str,
        routing_key: &str,
        destination: &[&str],
        patience: Duration,
    ) -> Self {
        let ticket = unique();
        let destination = (!destination.is_empty()).then_some(destination);
        let body = json!({
            "method": "ping",
            "arguments": {},
            "destination": destination,
            "pattern": null,
            "matcher": null,
            "ticket": ticket,
            "reply_to": {"exchange": exchange, "routing_key": routing_key},
        });
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            ticket,
            expires: (now.unwrap_or_default() + patience).as_secs_f64(),
            body: body.to_string().into_bytes(),
        }
    }

    /// Returns the question as it stands in a message of AMQP.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the question with all that AMQP would have around it, as it stands in Redis.
    pub(super) fn envelope(&self, exchange: &str) -> String {
        json!({
            "body": BASE64_STANDARD.encode(&self.body),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {"clock": 1, "expires": self.expires},
            "properties": {
                "delivery_mode": 2,
                "delivery_info": {"exchange": exchange, "routing_key": ""},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": unique(),
            },
        })
        .to_string()
    }
}

/// What one worker answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) worker: String,
    /// Why it is no pong.
    pub(super) problem: Option<String>,
}

impl Answer {
    /// Reads the body of an answer. There is none in what is not of a worker.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        if body.len() > MAX_ANSWER_BYTES {
            return None;
        }
        let answers: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let mut answers = answers.into_iter();
        let (worker, said) = answers.next()?;
        if worker.is_empty() || worker.len() > MAX_NAME_BYTES || answers.next().is_some() {
            return None;
        }
        let problem = match (said.get("ok"), said.get("error")) {
            (Some(Value::String(pong)), None) if pong == "pong" => None,
            (_, Some(error)) => Some(format!(
                "the worker answered with an error: {}",
                text(error)
            )),
            _ => Some(format!("the worker answered {}", text(&said))),
        };
        Some(Self { worker, problem })
    }

    /// Reads what a worker put into Redis: the ticket and the answer.
    pub(super) fn open(envelope: &[u8]) -> Option<(String, Self)> {
        if envelope.len() > MAX_ANSWER_BYTES {
            return None;
        }
        let envelope: Value = serde_json::from_slice(envelope).ok()?;
        let ticket = envelope["headers"]["ticket"].as_str()?.to_owned();
        let body = envelope["body"].as_str()?;
        let answer = match envelope["properties"]["body_encoding"].as_str() {
            Some("base64") => Self::read(&BASE64_STANDARD.decode(body).ok()?),
            _ => Self::read(body.as_bytes()),
        };
        Some((ticket, answer?))
    }
}

fn text(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    shown(text.as_bytes())
}

/// Returns an identifier in the form of a UUID of version 4. The keys of a new hasher come from the
/// system's random numbers.
pub(super) fn unique() -> String {
    let [high, low] = [(); 2].map(|()| RandomState::new().build_hasher().finish());
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0x3fff | 0x8000,
        low & 0xffff_ffff_ffff,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(worker: &str, problem: Option<&str>) -> Option<Answer> {
        Some(Answer {
            worker: worker.to_owned(),
            problem: problem.map(str::to_owned),
        })
    }

    #[test]
    fn answers_are_read_whatever_they_hold() {
        let long = format!(
            r#"{{"{}": {{"ok": "pong"}}}}"#,
            "w".repeat(MAX_NAME_BYTES + 1)
        );
        let large = format!(r#"{{"w": {{"ok": "{}"}}}}"#, "x".repeat(MAX_ANSWER_BYTES));
        let deep = "[".repeat(10_000);
        let cases = [
            (
                "pong",
                r#"{"w1@vm": {"ok": "pong"}}"#,
                answer("w1@vm", None),
            ),
            (
                "error",
                r#"{"w": {"error": "KeyError('ping')"}}"#,
                answer(
                    "w",
                    Some("the worker answered with an error: KeyError('ping')"),
                ),
            ),
            (
                "pong and error",
                r#"{"w": {"ok": "pong", "error": "no"}}"#,
                answer("w", Some("the worker answered with an error: no")),
            ),
            (
                "another word",
                r#"{"w": {"ok": "ping\n"}}"#,
                answer("w", Some(r#"the worker answered {"ok":"ping\n"}"#)),
            ),
            (
                "no word",
                r#"{"w": {"ok": true}}"#,
                answer("w", Some(r#"the worker answered {"ok":true}"#)),
            ),
            (
                "null",
                r#"{"w": null}"#,
                answer("w", Some("the worker answered null")),
            ),
            ("nobody", "{}", None),
            ("no name", r#"{"": {"ok": "pong"}}"#, None),
            ("two", r#"{"a": {"ok": "pong"}, "b": {"ok": "pong"}}"#, None),
            ("list", "[]", None),
            ("nothing", "", None),
            ("cut off", r#"{"w": {"ok": "#, None),
            ("long name", &long, None),
            ("large", &large, None),
            ("deep", &deep, None),
        ];
        for (name, body, expected) in cases {
            assert_eq!(Answer::read(body.as_bytes()), expected, "{name}");
        }
    }

    #[test]
    fn envelopes_are_opened_whatever_they_hold() {
        let pong = r#"{"w": {"ok": "pong"}}"#;
        let whole = json!({
            "body": BASE64_STANDARD.encode(pong),
            "headers": {"ticket": "t", "clock": 2},
            "properties": {"body_encoding": "base64"},
        });
        let plain = json!({"body": pong, "headers": {"ticket": "t"}, "properties": {}});
        let with = |path: &str, value: Value| {
            let mut changed = whole.clone();
            *changed.pointer_mut(path).unwrap() = value;
            changed
        };
        let read = |envelope: &Value| Answer::open(envelope.to_string().as_bytes());
        let expected = Some(("t".to_owned(), answer("w", None).unwrap()));
        assert_eq!(read(&whole), expected);
        assert_eq!(read(&plain), expected);
        let cases = [
            ("no ticket", with("/headers", json!({}))),
            ("headers of another kind", with("/headers", json!([1]))),
            ("ticket of another kind", with("/headers/ticket", json!(1))),
            ("no base64", with("/body", json!("%%%"))),
            ("no body", with("/body", json!(null))),
            ("a list", json!([])),
        ];
        for (name, envelope) in cases {
            assert_eq!(read(&envelope), None, "{name}");
        }
        assert_eq!(Answer::open(b"\xff"), None);
    }

    #[test]
    fn a_question_says_who_shall_answer_and_where() {
        let all = Ping::new("reply", "key", &[], Duration::ZERO);
        let some = Ping::new("reply", "key", &["w1@vm"], Duration::ZERO);
        let body = |ping: &Ping| serde_json::from_slice::<Value>(ping.body()).unwrap();
        assert_eq!(body(&all)["destination"], Value::Null);
        assert_eq!(body(&some)["destination"], json!(["w1@vm"]));
        assert_eq!(
            body(&all)["reply_to"],
            json!({"exchange": "reply", "routing_key": "key"})
        );
        assert_eq!(body(&all)["ticket"], all.ticket);
        assert_ne!(all.ticket, some.ticket);
        let envelope: Value = serde_json::from_str(&all.envelope("x")).unwrap();
        let inner = BASE64_STANDARD
            .decode(envelope["body"].as_str().unwrap())
            .unwrap();
        assert_eq!(inner, all.body());
        let tag = envelope["properties"]["delivery_tag"].as_str().unwrap();
        let lengths: Vec<_> = tag.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{tag}");
    }
}
