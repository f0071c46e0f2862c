//! Open file descriptors of this process.

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};

use crate::flight::Flight;

/// The part of the limit, in percent, from which on a process is DOWN; see
/// [`FileDescriptors::threshold_percent`].
pub const DEFAULT_DESCRIPTORS_THRESHOLD_PERCENT: u8 = 90;

/// Checks that this process has file descriptors left.
///
/// Details: `open`, `limit` (the soft limit, absent where there is none), `usedPercent`,
/// `thresholdPercent`, `error` when DOWN. A process without any descriptor left can accept no
/// connection; this check needs none on Linux 6.2 and later, and elsewhere says that there is none.
///
/// They are counted on a thread of its own, just within the deadline of the component. On systems
/// other than Linux and macOS they are not counted: UNKNOWN.
///
/// ```
/// use health_checks::FileDescriptors;
///
/// let check = FileDescriptors::new().threshold_percent(80);
/// ```
#[must_use = "a check does nothing until it is registered"]
pub struct FileDescriptors {
    threshold_percent: u8,
    flight: Flight<std::io::Result<Option<Descriptors>>>,
}

impl FileDescriptors {
    /// Makes a check of the own process.
    pub fn new() -> Self {
        Self {
            threshold_percent: DEFAULT_DESCRIPTORS_THRESHOLD_PERCENT,
            flight: Flight::new(),
        }
    }

    /// Sets the part of the limit, in percent, from which on (inclusive) it is DOWN; default
    /// [`DEFAULT_DESCRIPTORS_THRESHOLD_PERCENT`].
    pub fn threshold_percent(mut self, percent: u8) -> Self {
        self.threshold_percent = percent;
        self
    }

    fn judge(&self, descriptors: &Descriptors) -> Health {
        let Descriptors { open, limit } = *descriptors;
        let threshold = self.threshold_percent;
        let is_full =
            |limit: u64| u128::from(open) * 100 >= u128::from(limit) * u128::from(threshold);
        let error = limit.filter(|&limit| is_full(limit)).map(|limit| {
            format!("{open} file descriptors are open, {threshold} % or more of {limit}")
        });
        let status = if error.is_none() {
            Status::UP
        } else {
            Status::DOWN
        };
        let used = limit.map(|limit| open as f64 * 100.0 / limit.max(1) as f64);
        Health::new(status)
            .detail("open", open)
            .detail("limit", limit)
            .detail("usedPercent", used.map(|used| (used * 10.0).round() / 10.0))
            .detail("thresholdPercent", threshold)
            .detail("error", error)
    }
}

impl Default for FileDescriptors {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Check for FileDescriptors {
    async fn check(&self) -> CheckResult {
        let counted = self.flight.run(count).await?;
        match counted.as_ref() {
            Ok(Some(descriptors)) => Ok(self.judge(descriptors)),
            Ok(None) => {
                let reason = "open file descriptors are not counted on this system";
                Ok(Health::unknown().detail("error", reason))
            }
            Err(error) => Ok(Health::down().detail("error", format!("cannot count: {error}"))),
        }
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

impl std::fmt::Debug for FileDescriptors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileDescriptors")
            .field("threshold_percent", &self.threshold_percent)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Descriptors {
    open: u64,
    /// None where there is no limit.
    limit: Option<u64>,
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn count() -> std::io::Result<Option<Descriptors>> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let open = match open() {
        Err(error) if is_out_of_descriptors(&error) => limit.unwrap_or(u64::MAX),
        open => open?,
    };
    Ok(Some(Descriptors { open, limit }))
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn count() -> std::io::Result<Option<Descriptors>> {
    Ok(None)
}

#[cfg(target_os = "linux")]
const FOLDER: &str = "/proc/self/fd";
#[cfg(target_os = "macos")]
const FOLDER: &str = "/dev/fd";

/// Asks for the size of the folder, which is the number since Linux 6.2 and 0 before; the listing
/// opens a descriptor by itself, which does not count.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn open() -> std::io::Result<u64> {
    if cfg!(target_os = "linux") {
        let size = std::fs::metadata(FOLDER)?.len();
        if size > 0 {
            return Ok(size);
        }
    }
    let listed = std::fs::read_dir(FOLDER)?.count();
    Ok(u64::try_from(listed).unwrap_or(u64::MAX).saturating_sub(1))
}

/// Tells whether it is this process that has none left, and not the whole system.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn is_out_of_descriptors(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_inclusive() {
        let cases = [
            ("few", 89, Some(100), 90, None),
            (
                "reached",
                90,
                Some(100),
                90,
                Some("90 file descriptors are open, 90 % or more of 100"),
            ),
            (
                "full",
                100,
                Some(100),
                100,
                Some("100 file descriptors are open, 100 % or more of 100"),
            ),
            ("no limit", u64::MAX, None, 90, None),
            (
                "a limit of nothing",
                3,
                Some(0),
                90,
                Some("3 file descriptors are open, 90 % or more of 0"),
            ),
            (
                "largest",
                u64::MAX,
                Some(u64::MAX),
                100,
                Some(
                    "18446744073709551615 file descriptors are open, 100 % or more of 18446744073709551615",
                ),
            ),
            ("threshold above all", 100, Some(100), 101, None),
        ];
        for (name, open, limit, percent, error) in cases {
            let check = FileDescriptors::new().threshold_percent(percent);
            let health = check.judge(&Descriptors { open, limit });
            let expected = if error.is_none() {
                Status::UP
            } else {
                Status::DOWN
            };
            assert_eq!(*health.status(), expected, "{name}");
            let error = error.map(serde_json::Value::from);
            assert_eq!(health.details().get("error"), error.as_ref(), "{name}");
        }
    }
}
