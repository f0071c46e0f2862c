//! Whether a server is a primary, and whether that matters.

use std::time::Duration;

use health_core::Status;

use crate::sql::Failure;

/// The status of a server that answers, but is a replica where a primary is required, or lags
/// behind its primary by too much.
pub const REPLICA_STATUS: Status = Status::OUT_OF_SERVICE;

/// What a server is to those that write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Primary,
    Replica,
}

impl Role {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
        }
    }
}

/// What role is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) primary: bool,
    pub(crate) max_lag: Option<Duration>,
    pub(crate) otherwise: Status,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            primary: false,
            max_lag: None,
            otherwise: REPLICA_STATUS,
        }
    }
}

impl Wanted {
    /// Judges a server; a lag that is not known is not below any limit.
    pub(crate) fn judge(&self, role: Role, lag: Option<Duration>) -> Result<(), Failure> {
        if role == Role::Primary {
            return Ok(());
        }
        if self.primary {
            let reason = "the server is a replica, a primary is required";
            return Err(Failure::new(self.otherwise.clone(), reason));
        }
        let Some(max) = self.max_lag else {
            return Ok(());
        };
        let max_ms = max.as_millis();
        let reason = match lag {
            Some(lag) if lag <= max => return Ok(()),
            Some(lag) => format!(
                "the replica lags by {} ms, allowed are {max_ms} ms",
                lag.as_millis()
            ),
            None => format!("the lag of the replica is not known, allowed are {max_ms} ms"),
        };
        Err(Failure::new(self.otherwise.clone(), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_judged_by_what_is_wanted() {
        let ms = Duration::from_millis;
        let cases = [
            ("primary, any", Role::Primary, None, (true, Some(0)), None),
            ("replica, any", Role::Replica, None, (false, None), None),
            (
                "replica, primary wanted",
                Role::Replica,
                Some(0),
                (true, None),
                Some("a primary is required"),
            ),
            ("at limit", Role::Replica, Some(5), (false, Some(5)), None),
            (
                "over limit",
                Role::Replica,
                Some(6),
                (false, Some(5)),
                Some("lags by 6 ms, allowed are 5 ms"),
            ),
            (
                "not known",
                Role::Replica,
                None,
                (false, Some(5)),
                Some("not known, allowed are 5 ms"),
            ),
        ];
        for (name, role, lag, (primary, max_lag), problem) in cases {
            let wanted = Wanted {
                primary,
                max_lag: max_lag.map(ms),
                ..Wanted::default()
            };
            let judged = wanted.judge(role, lag.map(ms));
            match (judged, problem) {
                (Ok(()), None) => {}
                (Err(failure), Some(problem)) => {
                    assert_eq!(failure.status, REPLICA_STATUS, "{name}");
                    assert!(failure.reason.contains(problem), "{name}: {failure:?}");
                }
                (judged, _) => panic!("{name}: {judged:?}"),
            }
        }
    }
}
