//! From the raw status of each run to the effective one.

use std::time::Duration;

use tokio::time::Instant;

use super::settings::{Impact, Settings};
use crate::Status;

/// Holds what the thresholds of one check need to remember.
#[derive(Debug, Default)]
pub(super) struct Judge {
    failures: u32,
    successes: u32,
    failing_since: Option<Instant>,
    effective: Option<Status>,
}

/// Tells whether a status calls for action: whatever is neither UP nor UNKNOWN.
pub(crate) fn is_failure(status: &Status) -> bool {
    *status != Status::UP && *status != Status::UNKNOWN
}

impl Judge {
    /// Takes the raw status of a run and returns the effective one.
    ///
    /// The first result holds at once: a check that has never succeeded is not given the benefit
    /// of the doubt.
    pub(super) fn judge(&mut self, raw: &Status, settings: &Settings, now: Instant) -> Status {
        if is_failure(raw) {
            self.failures = self.failures.saturating_add(1);
            self.successes = 0;
        } else {
            self.successes = self.successes.saturating_add(1);
            self.failures = 0;
            self.failing_since = None;
        }
        if is_failure(raw) && self.failing_since.is_none() {
            self.failing_since = Some(now);
        }
        let effective = match self.effective.take() {
            Some(held)
                if is_failure(&held) != is_failure(raw) && !self.is_enough(raw, settings, now) =>
            {
                held
            }
            _ => raw.clone(),
        };
        self.effective = Some(effective.clone());
        effective
    }

    fn is_enough(&self, raw: &Status, settings: &Settings, now: Instant) -> bool {
        if is_failure(raw) {
            self.failures >= settings.failure_threshold
                && self.failing_for(now) >= settings.failure_time
        } else {
            self.successes >= settings.success_threshold
        }
    }

    fn failing_for(&self, now: Instant) -> Duration {
        self.failing_since
            .map_or(Duration::ZERO, |since| now - since)
    }

    /// Notes a failure that no run has found.
    pub(super) fn fails_from(&mut self, status: &Status, now: Instant) {
        if is_failure(status) {
            self.failing_since.get_or_insert(now);
        }
    }

    /// Returns what a status counts as in that of the whole.
    pub(super) fn counts_as(&self, effective: &Status, impact: Impact, now: Instant) -> Status {
        if !is_failure(effective) {
            return effective.clone();
        }
        match impact {
            Impact::Critical => effective.clone(),
            Impact::NonCritical => Status::UP,
            Impact::FailsAfter(time) if self.failing_for(now) < time => Status::DEGRADED,
            Impact::FailsAfter(_) => effective.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(raw: &str, settings: &Settings) -> String {
        let start = Instant::now();
        let mut judge = Judge::default();
        let mut now = start;
        raw.chars()
            .map(|raw| {
                let raw = if raw == 'U' { Status::UP } else { Status::DOWN };
                let effective = judge.judge(&raw, settings, now);
                now += Duration::from_secs(1);
                if effective == Status::UP { 'U' } else { 'D' }
            })
            .collect()
    }

    #[tokio::test]
    async fn thresholds_hold_a_change_back() {
        let default = Settings::default();
        let three_failures = Settings {
            failure_threshold: 3,
            ..default.clone()
        };
        let two_successes = Settings {
            success_threshold: 2,
            ..default.clone()
        };
        let two_seconds = Settings {
            failure_time: Duration::from_secs(2),
            ..default.clone()
        };
        let cases = [
            ("default", &default, "UDU", "UDU"),
            (
                "first failure holds at once",
                &three_failures,
                "DDUD",
                "DDUU",
            ),
            ("three failures", &three_failures, "UDDUDDDU", "UUUUUUDU"),
            ("two successes", &two_successes, "UDUDUUD", "UDDDDUD"),
            ("two seconds in error", &two_seconds, "UDDDU", "UUUDU"),
        ];
        for (name, settings, raw, effective) in cases {
            assert_eq!(judged(raw, settings), effective, "{name}");
        }
    }

    #[tokio::test]
    async fn a_failure_degrades_before_it_counts() {
        let mut judge = Judge::default();
        let start = Instant::now();
        let settings = Settings::default();
        let impact = Impact::FailsAfter(Duration::from_secs(10));
        judge.judge(&Status::DOWN, &settings, start);
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(
            judge.counts_as(&Status::DOWN, impact, at(9)),
            Status::DEGRADED
        );
        assert_eq!(judge.counts_as(&Status::DOWN, impact, at(10)), Status::DOWN);
        assert_eq!(
            judge.counts_as(&Status::DOWN, Impact::NonCritical, at(10)),
            Status::UP
        );
        assert_eq!(
            judge.counts_as(&Status::UNKNOWN, impact, at(0)),
            Status::UNKNOWN
        );
    }
}
