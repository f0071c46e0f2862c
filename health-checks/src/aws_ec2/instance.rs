//! What one instance's state says of its health.

use health_core::{Health, Status};

use super::answer::StatusPage;

/// An instance as `DescribeInstances` tells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) state: String,
}

impl Known {
    /// Tells whether it will never run again.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "terminated" | "shutting-down")
    }
}

/// An instance with its status checks, where there are any.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) known: Known,
    pub(super) status: Option<StatusPage>,
}

impl Instance {
    pub(super) fn status(&self) -> Status {
        match self.known.state.as_str() {
            "running" => {}
            "pending" => return Status::OUT_OF_SERVICE,
            _ => return Status::DOWN,
        }
        let Some(status) = &self.status else {
            return Status::DOWN;
        };
        let checks = [status.instance.as_str(), status.system.as_str()];
        let has = |word| checks.contains(&word);
        if checks == ["ok", "ok"] {
            Status::UP
        } else if checks.iter().all(|it| matches!(*it, "ok" | "initializing")) {
            Status::OUT_OF_SERVICE
        } else if has("insufficient-data")
            && checks
                .iter()
                .all(|it| matches!(*it, "ok" | "initializing" | "insufficient-data"))
        {
            Status::UNKNOWN
        } else {
            Status::DOWN
        }
    }

    pub(super) fn health(&self) -> Health {
        let status = self.status.as_ref();
        Health::new(self.status())
            .detail("name", self.known.name.clone())
            .detail("state", self.known.state.as_str())
            .detail("instanceStatus", status.map(|it| it.instance.clone()))
            .detail("systemStatus", status.map(|it| it.system.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_up_when_it_runs_and_both_status_checks_are_ok() {
        let cases = [
            ("running", Some(("ok", "ok")), Status::UP),
            (
                "running",
                Some(("ok", "initializing")),
                Status::OUT_OF_SERVICE,
            ),
            (
                "running",
                Some(("initializing", "initializing")),
                Status::OUT_OF_SERVICE,
            ),
            ("running", Some(("impaired", "ok")), Status::DOWN),
            ("running", Some(("initializing", "impaired")), Status::DOWN),
            (
                "running",
                Some(("insufficient-data", "ok")),
                Status::UNKNOWN,
            ),
            (
                "running",
                Some(("insufficient-data", "impaired")),
                Status::DOWN,
            ),
            ("running", Some(("not-applicable", "ok")), Status::DOWN),
            ("running", Some(("", "")), Status::DOWN),
            ("running", None, Status::DOWN),
            (
                "pending",
                Some(("not-applicable", "not-applicable")),
                Status::OUT_OF_SERVICE,
            ),
            ("stopping", None, Status::DOWN),
            (
                "stopped",
                Some(("not-applicable", "not-applicable")),
                Status::DOWN,
            ),
            ("terminated", None, Status::DOWN),
            ("", Some(("ok", "ok")), Status::DOWN),
        ];
        for (state, checks, expected) in cases {
            let instance = Instance {
                known: Known {
                    id: "i-1".into(),
                    name: None,
                    state: state.into(),
                },
                status: checks.map(|(instance, system)| StatusPage {
                    id: "i-1".into(),
                    instance: instance.into(),
                    system: system.into(),
                }),
            };
            assert_eq!(instance.status(), expected, "{state} {checks:?}");
        }
    }
}
