//! The Kubernetes probes that ask the endpoints: their numbers, and the stanza made of them.

use std::{fmt::Write, time::Duration};

use crate::{
    Management,
    group::{LIVENESS, READINESS, STARTUP},
};

/// The liveness probe: Kubernetes' own defaults, so that a restart needs half a minute of failure.
pub const DEFAULT_LIVENESS_PROBE: Probe = Probe::new(Duration::from_secs(10), 3);

/// The readiness probe: fast enough that [`DEFAULT_DRAIN_GRACE`](crate::DEFAULT_DRAIN_GRACE) covers
/// all of its failures.
pub const DEFAULT_READINESS_PROBE: Probe = Probe::new(Duration::from_secs(5), 2);

/// The startup probe: asks often and gives a minute.
pub const DEFAULT_STARTUP_PROBE: Probe = Probe::new(Duration::from_secs(2), 30);

/// Holds the numbers of one probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a probe does nothing until it is given to the builder"]
pub struct Probe {
    pub(crate) period: Duration,
    pub(crate) timeout: Duration,
    pub(crate) failure_threshold: u32,
}

impl Probe {
    /// Makes a probe with Kubernetes' default timeout of 1 s.
    pub const fn new(period: Duration, failure_threshold: u32) -> Self {
        Self {
            period,
            timeout: Duration::from_secs(1),
            failure_threshold,
        }
    }

    /// Sets the timeout; Kubernetes takes whole seconds.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns how long it takes until a failure has its effect.
    pub(crate) fn reaction(&self) -> Duration {
        self.period.saturating_mul(self.failure_threshold)
    }
}

/// Holds the numbers of the three probes, as the deployment has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "probes do nothing until they are given to the builder"]
pub struct Probes {
    pub(crate) liveness: Probe,
    pub(crate) readiness: Probe,
    pub(crate) startup: Probe,
}

impl Default for Probes {
    fn default() -> Self {
        Self {
            liveness: DEFAULT_LIVENESS_PROBE,
            readiness: DEFAULT_READINESS_PROBE,
            startup: DEFAULT_STARTUP_PROBE,
        }
    }
}

impl Probes {
    /// Sets the liveness probe; default [`DEFAULT_LIVENESS_PROBE`].
    pub fn liveness(mut self, probe: Probe) -> Self {
        self.liveness = probe;
        self
    }

    /// Sets the readiness probe; default [`DEFAULT_READINESS_PROBE`].
    pub fn readiness(mut self, probe: Probe) -> Self {
        self.readiness = probe;
        self
    }

    /// Sets the startup probe; default [`DEFAULT_STARTUP_PROBE`].
    pub fn startup(mut self, probe: Probe) -> Self {
        self.startup = probe;
        self
    }

    /// Names the probes by their groups.
    pub(crate) fn by_group(&self) -> [(&'static str, Probe); 3] {
        [
            (LIVENESS, self.liveness),
            (READINESS, self.readiness),
            (STARTUP, self.startup),
        ]
    }
}

impl Management {
    /// Writes the part of a Kubernetes container that asks these endpoints, with the numbers of
    /// [`Builder::probes`](crate::Builder::probes). `port` is a number or the name of one.
    pub fn kubernetes_probes(&self, port: &str) -> String {
        let mut stanza = String::new();
        for (group, probe) in self.0.probes.by_group() {
            let Probe {
                period,
                timeout,
                failure_threshold,
            } = probe;
            // Writing to a string cannot fail.
            _ = write!(
                stanza,
                "{group}Probe:\n  httpGet:\n    path: {base}/health/{group}\n    port: {port}\n  \
                 periodSeconds: {period}\n  timeoutSeconds: {timeout}\n  failureThreshold: {failure_threshold}\n",
                base = self.base_path(),
                period = whole_seconds(period),
                timeout = whole_seconds(timeout),
            );
        }
        let drain = whole_seconds(self.0.drain_grace);
        _ = writeln!(
            stanza,
            "# the pod: terminationGracePeriodSeconds above the {drain} s of the drain"
        );
        stanza
    }
}

/// Rounds up: Kubernetes knows no fractions, and zero is refused.
fn whole_seconds(duration: Duration) -> u64 {
    duration
        .as_millis()
        .div_ceil(1000)
        .max(1)
        .try_into()
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stanza_has_the_numbers_of_the_settings() {
        let readiness =
            Probe::new(Duration::from_millis(1500), 4).timeout(Duration::from_millis(200));
        let management = Management::builder("orders")
            .base_path("/admin")
            .probes(Probes::default().readiness(readiness))
            .build()
            .unwrap();
        let stanza = management.kubernetes_probes("http");
        let readiness = "readinessProbe:\n  httpGet:\n    path: /admin/health/readiness\n    port: http\n  \
                         periodSeconds: 2\n  timeoutSeconds: 1\n  failureThreshold: 4\n";
        assert!(stanza.contains(readiness), "{stanza}");
        assert!(
            stanza.contains("livenessProbe:") && stanza.contains("startupProbe:"),
            "{stanza}"
        );
    }
}
