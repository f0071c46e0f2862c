//! Which unit of the application this is, and what its processes do.

use super::Environment;

/// Names one unit of an application, as the host name of its container says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    application: String,
    number: u32,
}

impl Unit {
    /// Reads a host name such as `orders-0`; `None` for one that does not end in a number.
    pub fn of_host_name(host_name: &str) -> Option<Self> {
        let name = host_name.split('.').next()?;
        let (application, number) = name.rsplit_once('-')?;
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit())
            && (number == "0" || !number.starts_with('0'));
        if application.is_empty() || !is_number {
            return None;
        }
        Some(Self {
            application: application.to_owned(),
            number: number.parse().ok()?,
        })
    }

    /// Returns the name of the application.
    pub fn application(&self) -> &str {
        &self.application
    }

    /// Returns the number of the unit. The platform never gives one twice, so there may be gaps.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Tells whether schedulers run on this unit: it is number 0, which need not be the leader.
    pub fn is_scheduler(&self) -> bool {
        self.number == 0
    }
}

impl Environment {
    /// Returns the unit that the variable `HOSTNAME` names.
    pub fn unit(&self) -> Option<Unit> {
        Unit::of_host_name(self.variables.get("HOSTNAME")?)
    }

    /// Tells whether this process is a worker, by the name given with [`Environment::service`].
    pub fn is_worker(&self) -> bool {
        self.service.as_deref().is_some_and(is_worker)
    }

    /// Tells whether this process is a scheduler, by the name given with [`Environment::service`].
    pub fn is_scheduler(&self) -> bool {
        self.service.as_deref().is_some_and(is_scheduler)
    }

    /// Tells whether schedulers run on this unit; `None` if the host name has no number.
    pub fn is_scheduler_unit(&self) -> Option<bool> {
        self.unit().map(|unit| unit.is_scheduler())
    }
}

/// Tells whether a service of this name is a worker: it ends in `-worker`, in any case. Workers run
/// on each unit.
pub fn is_worker(service: &str) -> bool {
    service.to_ascii_lowercase().ends_with("-worker")
}

/// Tells whether a service of this name is a scheduler: it ends in `-scheduler`, in any case.
/// Schedulers run on one unit only.
pub fn is_scheduler(service: &str) -> bool {
    service.to_ascii_lowercase().ends_with("-scheduler")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_come_from_host_names() {
        let cases = [
            ("orders-0", Some(("orders", 0, true))),
            ("demo-go-12", Some(("demo-go", 12, false))),
            (
                "demo-go-1.demo-go-endpoints.prod",
                Some(("demo-go", 1, false)),
            ),
            ("orders", None),
            ("orders-", None),
            ("-0", None),
            ("orders-00", None),
            ("orders-7d9f8b6c5-x2x4k", None),
            ("orders-99999999999", None),
            ("orders-+1", None),
            ("", None),
        ];
        for (host_name, expected) in cases {
            let unit = Unit::of_host_name(host_name);
            let unit = unit
                .as_ref()
                .map(|u| (u.application(), u.number(), u.is_scheduler()));
            assert_eq!(unit, expected, "{host_name}");
        }
    }

    #[test]
    fn roles_come_from_names_of_services() {
        let cases = [
            ("jobs-worker", true, false),
            ("Mixed-WORKER", true, false),
            ("cron-scheduler", false, true),
            ("worker", false, false),
            ("flask", false, false),
            ("worker-2", false, false),
        ];
        for (service, worker, scheduler) in cases {
            assert_eq!(is_worker(service), worker, "{service}");
            assert_eq!(is_scheduler(service), scheduler, "{service}");
        }
    }
}
