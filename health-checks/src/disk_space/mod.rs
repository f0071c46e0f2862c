//! Free space and free inodes of a file system.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait};

#[cfg(not(unix))]
use self::other::space;
#[cfg(unix)]
use self::unix::space;
use crate::flight::Flight;

/// The free bytes below which a file system is DOWN, 10 MiB; see [`DiskSpace::threshold_bytes`].
///
/// Source: Spring Boot `DiskSpaceHealthIndicatorProperties`.
pub const DEFAULT_DISK_THRESHOLD_BYTES: u64 = 10 * 1024 * 1024;

/// The part of all inodes, in percent, that has to be free; see
/// [`DiskSpace::inode_threshold_percent`].
pub const DEFAULT_INODE_THRESHOLD_PERCENT: u8 = 1;

/// Checks that the file system of a path has free space and free inodes.
///
/// Details: `total`, `free` and `threshold` in bytes, `path`, `exists`, `totalInodes`,
/// `freeInodes`, `inodeThreshold`, `error` when DOWN. Free is what a process without privileges may
/// use. A threshold in percent is shown as the number that it comes to. File systems that make
/// inodes as they need them (btrfs, FAT) have none to count: nothing is said of inodes there, nor
/// on systems other than Unix.
///
/// The file system is asked on a thread of its own, just within the deadline of the component. One
/// that hangs, such as a mount whose server is gone, holds that one thread until it answers, however
/// often it is asked.
///
/// ```
/// use health_checks::DiskSpace;
///
/// let check = DiskSpace::new("/var/lib/orders").threshold_percent(5);
/// ```
///
/// Source: Spring Boot `DiskSpaceHealthIndicator`; the inodes and the error are ours.
#[must_use = "a check does nothing until it is registered"]
pub struct DiskSpace {
    path: PathBuf,
    bytes: Threshold,
    inodes: Threshold,
    look: fn(&Path) -> io::Result<Space>,
    flight: Flight<io::Result<Space>>,
}

impl DiskSpace {
    /// Makes a check of the file system in which a path is; a relative path is one of the working
    /// folder of this moment.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self {
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            bytes: Threshold {
                count: DEFAULT_DISK_THRESHOLD_BYTES,
                percent: 0,
            },
            inodes: Threshold {
                count: 0,
                percent: DEFAULT_INODE_THRESHOLD_PERCENT,
            },
            look: space,
            flight: Flight::new(),
        }
    }

    /// Sets the free bytes below which (exclusive) it is DOWN; default
    /// [`DEFAULT_DISK_THRESHOLD_BYTES`].
    pub fn threshold_bytes(mut self, bytes: u64) -> Self {
        self.bytes.count = bytes;
        self
    }

    /// Sets the part of the whole, in percent, that has to be free besides; default 0. Above 100 it
    /// is always DOWN.
    pub fn threshold_percent(mut self, percent: u8) -> Self {
        self.bytes.percent = percent;
        self
    }

    /// Sets the number of free inodes below which (exclusive) it is DOWN; default 0.
    pub fn inode_threshold(mut self, inodes: u64) -> Self {
        self.inodes.count = inodes;
        self
    }

    /// Sets the part of all inodes, in percent, that has to be free besides; default
    /// [`DEFAULT_INODE_THRESHOLD_PERCENT`]. Above 100 it is always DOWN.
    pub fn inode_threshold_percent(mut self, percent: u8) -> Self {
        self.inodes.percent = percent;
        self
    }

    fn judge(&self, space: &Space) -> Health {
        let threshold = self.bytes.of(space.total);
        let inode_threshold = space.inodes.as_ref().map(|all| self.inodes.of(all.total));
        let lack = |what, free, threshold| {
            (free < threshold).then(|| format!("{free} {what} are free, less than {threshold}"))
        };
        let free_inodes = space.inodes.as_ref().map(|inodes| inodes.free);
        let error = lack("bytes", space.free, threshold)
            .or_else(|| lack("inodes", free_inodes?, inode_threshold?));
        let status = if error.is_none() {
            Status::UP
        } else {
            Status::DOWN
        };
        Health::new(status)
            .detail("total", space.total)
            .detail("free", space.free)
            .detail("threshold", threshold)
            .detail("path", self.shown_path())
            .detail("exists", true)
            .detail("totalInodes", space.inodes.as_ref().map(|all| all.total))
            .detail("freeInodes", free_inodes)
            .detail("inodeThreshold", inode_threshold)
            .detail("error", error)
    }

    fn tell(&self, error: &io::Error) -> Health {
        let is_missing = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        );
        Health::down()
            .detail("path", self.shown_path())
            .detail("exists", is_missing.then_some(false))
            .detail("error", error.to_string())
    }

    fn shown_path(&self) -> String {
        self.path.display().to_string()
    }
}

/// Looks at the working folder, as Spring does.
impl Default for DiskSpace {
    fn default() -> Self {
        Self::new(".")
    }
}

#[async_trait]
impl Check for DiskSpace {
    async fn check(&self) -> CheckResult {
        let (look, path) = (self.look, self.path.clone());
        match self.flight.run(move || look(&path)).await {
            Ok(found) => Ok(found
                .as_ref()
                .as_ref()
                .map_or_else(|error| self.tell(error), |space| self.judge(space))),
            Err(none) => Ok(Health::down().detail("path", self.shown_path()).error(none)),
        }
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

impl fmt::Debug for DiskSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DiskSpace").field(&self.path).finish()
    }
}

/// What a file system has.
#[derive(Debug)]
struct Space {
    total: u64,
    free: u64,
    /// None where they are not counted.
    inodes: Option<Inodes>,
}

#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "no inodes there"))]
struct Inodes {
    total: u64,
    free: u64,
}

/// What has to be free: the larger of the two.
#[derive(Clone, Copy, Debug)]
struct Threshold {
    count: u64,
    percent: u8,
}

impl Threshold {
    fn of(self, total: u64) -> u64 {
        let part = (u128::from(total) * u128::from(self.percent)).div_ceil(100);
        self.count.max(u64::try_from(part).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests;
