//! Limits of the control groups in which this process is.

use std::{io, path::Path};

use super::{
    Usage,
    linux::{invalid, read},
};

/// Deeper than control groups lie in one another.
const MOST_LEVELS: usize = 64;

/// The files of one version of control groups.
struct Version {
    name: &'static str,
    file_system: &'static str,
    limits: &'static [&'static str],
    used: &'static str,
    /// The key in `memory.stat` of what can be given back.
    reclaimable: &'static str,
}

const V1: Version = Version {
    name: "cgroup1",
    file_system: "cgroup",
    limits: &["memory.limit_in_bytes"],
    used: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
};

const V2: Version = Version {
    name: "cgroup2",
    file_system: "cgroup2",
    limits: &["memory.max", "memory.high"],
    used: "memory.current",
    reclaimable: "inactive_file",
};

/// Finds the group that is fullest of all that have a limit, from that of the process upwards;
/// none where no group has one.
pub(super) fn fullest(root: &Path) -> io::Result<Option<Usage>> {
    let Some(groups) = optional(read(root, "/proc/self/cgroup"))? else {
        return Ok(None);
    };
    let Some((version, path)) = memory_group(&groups) else {
        return Ok(None);
    };
    let mounts = read(root, "/proc/self/mountinfo")?;
    let Some(mount) = mounts.lines().find_map(|line| Mount::read(line, version)) else {
        return Ok(None);
    };
    let mut fullest = None;
    let mut below = mount.below(path);
    for _ in 0..MOST_LEVELS {
        let folder = format!("{}{below}", mount.point);
        fullest = fuller(fullest, level(root, version, &folder)?);
        match below.rsplit_once('/') {
            Some((parent, _)) => below = parent,
            None => break,
        }
    }
    Ok(fullest)
}

/// Finds the group with the memory of the process: version 1 where that has the controller, since a
/// controller is in one hierarchy only.
fn memory_group(groups: &str) -> Option<(&'static Version, &str)> {
    let lines = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        Some((parts.next()?, parts.next()?))
    });
    let has_memory = |controllers: &str| controllers.split(',').any(|name| name == "memory");
    let v1 = lines.clone().find(|(names, _)| has_memory(names));
    let v2 = || lines.clone().find(|(names, _)| names.is_empty());
    v1.map(|(_, path)| (&V1, path))
        .or_else(|| v2().map(|(_, path)| (&V2, path)))
}

/// Where a hierarchy is mounted, and which group of it is at that place.
struct Mount {
    group: String,
    point: String,
}

impl Mount {
    /// Reads a line such as `31 23 0:28 /group /sys/fs/cgroup rw - cgroup2 cgroup2 rw`.
    fn read(line: &str, version: &Version) -> Option<Self> {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut of_file_system = file_system.split(' ');
        let mut of_mount = mount.split(' ').skip(3);
        let is_meant = of_file_system.next()? == version.file_system;
        let options = of_file_system.nth(1).unwrap_or_default();
        let has_memory = version.file_system == V2.file_system
            || options.split(',').any(|option| option == "memory");
        let mount = Self {
            group: unescape(of_mount.next()?),
            point: unescape(of_mount.next()?),
        };
        (is_meant && has_memory).then_some(mount)
    }

    /// Returns the path of a group below the mount point, empty for the point itself: that is all
    /// that shows of a group that is elsewhere, as in a container with the mount of its own group.
    fn below<'a>(&self, path: &'a str) -> &'a str {
        let below = path.strip_prefix(self.group.trim_end_matches('/'));
        below
            .filter(|below| below.starts_with('/') && !below.contains("/.."))
            .map_or("", |below| below.trim_end_matches('/'))
    }
}

/// Undoes the escapes of the kernel for what separates words.
fn unescape(word: &str) -> String {
    let escapes = [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ];
    escapes
        .iter()
        .fold(word.to_owned(), |word, (escape, plain)| {
            word.replace(escape, plain)
        })
}

/// Reads one group; none where it has no limit. The group at the root has no files of memory.
fn level(root: &Path, version: &Version, folder: &str) -> io::Result<Option<Usage>> {
    let mut limit: Option<u64> = None;
    for name in version.limits {
        let path = format!("{folder}/{name}");
        let Some(text) = optional(read(root, &path))? else {
            continue;
        };
        let bytes = match text.trim() {
            "max" => continue,
            text => number(&path, text)?,
        };
        limit = Some(limit.map_or(bytes, |limit| limit.min(bytes)));
    }
    let Some(limit) = limit else {
        return Ok(None);
    };
    let path = format!("{folder}/{}", version.used);
    let current = number(&path, read(root, &path)?.trim())?;
    Ok(Some(Usage {
        used: current.saturating_sub(reclaimable(root, version, folder)?),
        limit,
        source: format!("{} {folder}", version.name),
    }))
}

fn reclaimable(root: &Path, version: &Version, folder: &str) -> io::Result<u64> {
    let path = format!("{folder}/memory.stat");
    let stat = read(root, &path)?;
    let bytes = stat.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == version.reclaimable).then_some(value)
    });
    bytes.map_or(Ok(0), |bytes| number(&path, bytes.trim()))
}

fn fuller(one: Option<Usage>, other: Option<Usage>) -> Option<Usage> {
    let (Some(one), Some(other)) = (&one, &other) else {
        return one.or(other);
    };
    let weigh = |a: &Usage, b: &Usage| u128::from(a.used) * u128::from(b.limit);
    let other_is_fuller = weigh(other, one) > weigh(one, other);
    Some(if other_is_fuller { other } else { one }.clone())
}

fn number(path: &str, text: &str) -> io::Result<u64> {
    let odd = || invalid(path, &format!("`{}` is no number", text.escape_debug()));
    text.parse().map_err(|_| odd())
}

/// Makes nothing of a file that is not there.
fn optional(read: io::Result<String>) -> io::Result<Option<String>> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}
