//! What `INFO` and `CLUSTER INFO` say, read without trust.

use std::{collections::BTreeMap, time::Duration};

/// The slots of every Redis cluster. Source: Redis cluster specification, "Key distribution model".
pub(super) const CLUSTER_SLOTS: u64 = 16_384;

/// Holds the lines `name:value` of an answer.
#[derive(Debug, Default)]
pub(super) struct Info(BTreeMap<String, String>);

impl Info {
    /// Reads an answer; lines of another form are left out.
    pub(super) fn parse(text: &str) -> Self {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        Self(
            lines
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    pub(super) fn is_set(&self, name: &str) -> bool {
        self.number(name) == Some(1)
    }

    /// Returns the version of the server; of Valkey its own and not that of Redis which it claims
    /// towards old clients.
    pub(super) fn version(&self) -> Option<&str> {
        self.text("valkey_version").or(self.text("redis_version"))
    }

    pub(super) fn is_replica(&self) -> bool {
        self.text("role") == Some("slave")
    }

    /// Returns how long a replica has not heard from its master; `None` when it does not tell.
    pub(super) fn master_silent_for(&self) -> Option<Duration> {
        self.number("master_last_io_seconds_ago")
            .map(Duration::from_secs)
    }

    /// Returns how many bytes of the master's changes are known and not applied yet: of a replica
    /// those that it has read, of a master those that its slowest replica has not confirmed.
    pub(super) fn lag_bytes(&self) -> Option<u64> {
        if self.is_replica() {
            let read = self.number("slave_read_repl_offset")?;
            return Some(read.saturating_sub(self.number("slave_repl_offset")?));
        }
        let written = self.number("master_repl_offset")?;
        let replicas = self.0.iter().filter_map(|(name, value)| {
            let number = name.strip_prefix("slave")?;
            let is_replica = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
            is_replica.then_some(value)
        });
        let confirmed = replicas.filter_map(|replica| {
            let mut fields = replica.split(',').filter_map(|field| field.split_once('='));
            let (_, offset) = fields.find(|(name, _)| *name == "offset")?;
            offset.parse::<u64>().ok()
        });
        confirmed.min().map(|offset| written.saturating_sub(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_read_where_it_is_told() {
        let master = "role:master\r\nmaster_repl_offset:100\r\n";
        let cases = [
            ("empty", String::new(), None),
            ("no replicas", master.to_owned(), None),
            (
                "the slowest of two",
                format!(
                    "{master}slave0:ip=::1,port=1,state=online,offset=90,lag=0\r\nslave1:ip=h,port=2,state=online,offset=70,lag=1\r\n"
                ),
                Some(30),
            ),
            (
                "ahead of the master, between two reads",
                format!("{master}slave0:offset=120"),
                Some(0),
            ),
            ("no offset", format!("{master}slave0:ip=h,lag=1"), None),
            (
                "another line",
                format!("{master}slave_x:offset=1\nslaves:offset=1"),
                None,
            ),
            (
                "replica",
                "role:slave\nslave_read_repl_offset:50\nslave_repl_offset:20".to_owned(),
                Some(30),
            ),
            (
                "replica of old",
                "role:slave\nslave_repl_offset:20".to_owned(),
                None,
            ),
            (
                "negative",
                "role:master\nmaster_repl_offset:-1\nslave0:offset=1".to_owned(),
                None,
            ),
        ];
        for (name, text, lag) in cases {
            assert_eq!(Info::parse(&text).lag_bytes(), lag, "{name}");
        }
    }

    #[test]
    fn odd_answers_hold_nothing() {
        for text in ["", "\r\n", "PONG", "# Server", "redis_version"] {
            let info = Info::parse(text);
            assert_eq!(info.version(), None, "{text:?}");
            assert!(!info.is_replica() && !info.is_set("loading"), "{text:?}");
        }
        let never = Info::parse("role:slave\nmaster_last_io_seconds_ago:-1");
        assert_eq!(never.master_silent_for(), None);
        let valkey = Info::parse("redis_version:7.2.4\nvalkey_version:8.1.0");
        assert_eq!(valkey.version(), Some("8.1.0"));
    }
}
