//! What the kernel tells in `/proc` and in the file systems of control groups.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{Usage, cgroup};

/// More than any file that is read here; the table of mounts is the longest.
const LONGEST_FILE_BYTES: u64 = 4 * 1024 * 1024;

pub(super) fn usage(root: &Path) -> io::Result<Usage> {
    let host = host(&read(root, "/proc/meminfo")?)?;
    let group = cgroup::fullest(root)?;
    Ok(group
        .filter(|group| group.limit < host.limit)
        .unwrap_or(host))
}

/// Reads `/proc/meminfo`.
fn host(meminfo: &str) -> io::Result<Usage> {
    let bytes = |key: &str| {
        let value = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
        let kibibytes = value.trim().strip_suffix("kB")?.trim().parse::<u64>();
        kibibytes.ok()?.checked_mul(1024)
    };
    let odd = |key| invalid("/proc/meminfo", &format!("there is no {key} in it"));
    let limit = bytes("MemTotal:").ok_or_else(|| odd("MemTotal"))?;
    let available = bytes("MemAvailable:").ok_or_else(|| odd("MemAvailable"))?;
    Ok(Usage {
        used: limit.saturating_sub(available),
        limit,
        source: "host".to_owned(),
    })
}

/// Reads a file by its absolute path; an error names it.
pub(super) fn read(root: &Path, path: &str) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(root.join(path.trim_start_matches('/')))
        .and_then(|file| file.take(LONGEST_FILE_BYTES).read_to_end(&mut text))
        .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

pub(super) fn invalid(path: &str, problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{path}: {problem}"))
}
