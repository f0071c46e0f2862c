//! Memory in use, of the control group where one limits it, else of the host.

#[cfg(target_os = "linux")]
mod cgroup;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

use std::{io, path::PathBuf};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};

#[cfg(target_os = "linux")]
use self::linux::usage;
#[cfg(not(target_os = "linux"))]
use self::other::usage;
use crate::flight::Flight;

/// The part of the limit, in percent, from which on memory is DOWN; see
/// [`Memory::threshold_percent`].
pub const DEFAULT_MEMORY_THRESHOLD_PERCENT: u8 = 90;

/// Checks that there is memory left, of the control group where one limits it, else of the host.
///
/// Details: `used` and `limit` in bytes, `usedPercent`, `thresholdPercent`, `source`, `error` when
/// DOWN. `source` is `cgroup2` or `cgroup1` with the path of the group that was judged, or `host`.
///
/// Of the groups in which the process is (containers, pods and slices lie in one another) the one
/// counts that is fullest, by `memory.max` and by `memory.high`, beyond which the kernel slows a
/// process down until it stands still. Used is what cannot simply be given back: all but inactive
/// pages of files, as the kubelet counts when it decides whom to evict. Where no limit is smaller
/// than the memory of the host, the host counts: what is not available of it is used.
///
/// The files of the kernel are read on a thread of their own, just within the deadline of the
/// component.
///
/// ```
/// use health_checks::Memory;
///
/// let check = Memory::new().threshold_percent(85);
/// ```
///
/// Source: Linux `Documentation/admin-guide/cgroup-v2.rst`; Kubernetes "Node-pressure Eviction".
#[must_use = "a check does nothing until it is registered"]
pub struct Memory {
    threshold_percent: u8,
    /// Where `/proc` and `/sys` are.
    root: PathBuf,
    flight: Flight<io::Result<Usage>>,
}

impl Memory {
    /// Makes a check with the default threshold.
    pub fn new() -> Self {
        Self {
            threshold_percent: DEFAULT_MEMORY_THRESHOLD_PERCENT,
            root: PathBuf::from("/"),
            flight: Flight::new(),
        }
    }

    /// Sets the part of the limit, in percent, from which on (inclusive) it is DOWN; default
    /// [`DEFAULT_MEMORY_THRESHOLD_PERCENT`].
    pub fn threshold_percent(mut self, percent: u8) -> Self {
        self.threshold_percent = percent;
        self
    }

    fn judge(&self, usage: &Usage) -> Health {
        let Usage {
            used,
            limit,
            source,
        } = usage;
        let threshold = self.threshold_percent;
        let is_full = u128::from(*used) * 100 >= u128::from(*limit) * u128::from(threshold);
        let status = if is_full { Status::DOWN } else { Status::UP };
        let error =
            is_full.then(|| format!("{used} bytes are used, {threshold} % or more of {limit}"));
        let percent = *used as f64 * 100.0 / (*limit).max(1) as f64;
        Health::new(status)
            .detail("used", *used)
            .detail("limit", *limit)
            .detail("usedPercent", (percent * 10.0).round() / 10.0)
            .detail("thresholdPercent", threshold)
            .detail("source", source.as_str())
            .detail("error", error)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Check for Memory {
    async fn check(&self) -> CheckResult {
        let root = self.root.clone();
        let usage = self.flight.run(move || usage(&root)).await?;
        Ok(match usage.as_ref() {
            Ok(usage) => self.judge(usage),
            Err(error) => Health::down().detail("error", error.to_string()),
        })
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Memory")
            .field("threshold_percent", &self.threshold_percent)
            .finish_non_exhaustive()
    }
}

/// How much is used of how much.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Usage {
    used: u64,
    limit: u64,
    source: String,
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
