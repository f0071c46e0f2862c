//! Load average of the host.

use std::path::PathBuf;

use health_core::{Check, CheckError, CheckResult, Health, Scope, Status, async_trait};

/// The load per processor above which a host is DOWN; see [`LoadAverage::limit_per_cpu`].
pub const DEFAULT_LOAD_PER_CPU: f64 = 2.0;

/// The time over which the load is averaged; see [`LoadAverage::window`].
pub const DEFAULT_LOAD_WINDOW: LoadWindow = LoadWindow::FiveMinutes;

/// Checks that the load average of the host, per processor, is within a limit.
///
/// Details: `load1`, `load5`, `load15`, `cpus`, `perCpu`, `limitPerCpu`, `error` when DOWN.
/// The kernel counts the load of the whole host, also for who asks in a container, so it is divided
/// by the processors of the host and not by those that a container may use.
///
/// Nothing is waited for. There is a load average on Unix only; elsewhere it is UNKNOWN.
///
/// ```
/// use health_checks::{LoadAverage, LoadWindow};
///
/// let check = LoadAverage::new().window(LoadWindow::FifteenMinutes).limit_per_cpu(1.5);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a check does nothing until it is registered"]
pub struct LoadAverage {
    limit_per_cpu: f64,
    window: LoadWindow,
    root: PathBuf,
}

/// The time over which a load is averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadWindow {
    /// The last minute.
    OneMinute,
    /// The last five minutes.
    FiveMinutes,
    /// The last fifteen minutes.
    FifteenMinutes,
}

impl LoadAverage {
    /// Makes a check with the default limit and window.
    pub fn new() -> Self {
        Self {
            limit_per_cpu: DEFAULT_LOAD_PER_CPU,
            window: DEFAULT_LOAD_WINDOW,
            root: PathBuf::from("/"),
        }
    }

    /// Sets the load per processor above which (exclusive) it is DOWN; default
    /// [`DEFAULT_LOAD_PER_CPU`].
    pub fn limit_per_cpu(mut self, limit: f64) -> Self {
        self.limit_per_cpu = limit;
        self
    }

    /// Sets the time over which the load is averaged; default [`DEFAULT_LOAD_WINDOW`].
    pub fn window(mut self, window: LoadWindow) -> Self {
        self.window = window;
        self
    }

    fn judge(&self, load: &Load) -> Health {
        let averaged = match self.window {
            LoadWindow::OneMinute => load.averages[0],
            LoadWindow::FiveMinutes => load.averages[1],
            LoadWindow::FifteenMinutes => load.averages[2],
        };
        let per_cpu = averaged / load.cpus as f64;
        let limit = self.limit_per_cpu;
        let is_within = per_cpu <= limit; // never so for what is not a number
        let error = (!is_within)
            .then(|| format!("the load is {per_cpu:.2} per processor, more than {limit}"));
        let status = if is_within { Status::UP } else { Status::DOWN };
        Health::new(status)
            .detail("load1", load.averages[0])
            .detail("load5", load.averages[1])
            .detail("load15", load.averages[2])
            .detail("cpus", load.cpus)
            .detail("perCpu", (per_cpu * 100.0).round() / 100.0)
            .detail("limitPerCpu", limit)
            .detail("error", error)
    }
}

impl Default for LoadAverage {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Check for LoadAverage {
    async fn check(&self) -> CheckResult {
        if cfg!(not(unix)) {
            let reason = "there is no load average on this system";
            return Ok(Health::unknown().detail("error", reason));
        }
        Ok(self.judge(&load(self)?))
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

/// What the kernel tells: averages over 1, 5 and 15 minutes.
#[derive(Debug, PartialEq)]
struct Load {
    averages: [f64; 3],
    cpus: usize,
}

/// Reads files that the kernel makes up in memory, so it does not block.
#[cfg(target_os = "linux")]
fn load(check: &LoadAverage) -> Result<Load, CheckError> {
    let read = |name: &str| {
        std::fs::read_to_string(check.root.join(name))
            .map_err(|error| CheckError::new(format!("/{name}: {error}")))
    };
    parse(&read("proc/loadavg")?, &read("proc/stat")?)
}

#[cfg(not(target_os = "linux"))]
fn load(check: &LoadAverage) -> Result<Load, CheckError> {
    let _ = &check.root;
    let average = sysinfo::System::load_average()?;
    let cpus = std::thread::available_parallelism()?.get();
    Ok(Load {
        averages: [average.one, average.five, average.fifteen],
        cpus,
    })
}

/// Takes the averages of `/proc/loadavg`, and the processors that are listed in `/proc/stat`.
#[cfg(target_os = "linux")]
fn parse(loadavg: &str, stat: &str) -> Result<Load, CheckError> {
    let mut words = loadavg.split_whitespace();
    let mut next = || words.next().and_then(|word| word.parse().ok());
    let averages = [next(), next(), next()].map(|load| load.filter(|load: &f64| load.is_finite()));
    let [Some(one), Some(five), Some(fifteen)] = averages else {
        return Err(CheckError::new("/proc/loadavg does not hold three numbers"));
    };
    let is_processor = |line: &&str| {
        let number = line.strip_prefix("cpu").unwrap_or_default();
        number.starts_with(|first: char| first.is_ascii_digit())
    };
    match stat.lines().filter(is_processor).count() {
        0 => Err(CheckError::new("/proc/stat lists no processor")),
        cpus => Ok(Load {
            averages: [one, five, fifteen],
            cpus,
        }),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const STAT: &str = "cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 9\ncpuidle 3\n";

    #[test]
    fn what_is_no_load_is_an_error() {
        let cases = [
            (
                "two numbers",
                "0.1 0.2",
                STAT,
                "/proc/loadavg does not hold three numbers",
            ),
            (
                "a word",
                "0.1 x 0.3 1/2 3",
                STAT,
                "/proc/loadavg does not hold three numbers",
            ),
            (
                "no number",
                "NaN inf 0.3",
                STAT,
                "/proc/loadavg does not hold three numbers",
            ),
            (
                "empty",
                "",
                STAT,
                "/proc/loadavg does not hold three numbers",
            ),
            (
                "no processor",
                "1 2 3",
                "cpu  1 2\n",
                "/proc/stat lists no processor",
            ),
        ];
        for (name, loadavg, stat, error) in cases {
            assert_eq!(
                parse(loadavg, stat).unwrap_err().to_string(),
                error,
                "{name}"
            );
        }
        let load = parse("4.10 2.0 1 1/95 29338\n", STAT).unwrap();
        assert_eq!((load.averages, load.cpus), ([4.1, 2.0, 1.0], 2));
    }

    #[test]
    fn the_window_is_judged_per_processor() {
        let load = Load {
            averages: [4.0, 2.0, 1.0],
            cpus: 2,
        };
        let check = |window, limit| LoadAverage::new().window(window).limit_per_cpu(limit);
        let cases = [
            (check(LoadWindow::OneMinute, 2.0), Status::UP),
            (check(LoadWindow::OneMinute, 1.9), Status::DOWN),
            (check(LoadWindow::FiveMinutes, 1.0), Status::UP),
            (check(LoadWindow::FiveMinutes, 0.9), Status::DOWN),
            (check(LoadWindow::FifteenMinutes, 0.5), Status::UP),
            (check(LoadWindow::FifteenMinutes, 0.4), Status::DOWN),
            (check(LoadWindow::OneMinute, f64::NAN), Status::DOWN),
        ];
        for (check, status) in cases {
            assert_eq!(*check.judge(&load).status(), status, "{check:?}");
        }
        let health = check(LoadWindow::OneMinute, 1.5).judge(&load);
        let error = "the load is 2.00 per processor, more than 1.5";
        assert_eq!(health.details().get("error"), Some(&error.into()));
    }

    #[tokio::test]
    async fn a_file_that_is_missing_is_named() {
        let check = LoadAverage {
            root: PathBuf::from("/nowhere"),
            ..LoadAverage::new()
        };
        let error = check.check().await.unwrap_err().to_string();
        assert_eq!(
            error,
            "/proc/loadavg: No such file or directory (os error 2)"
        );
    }
}
