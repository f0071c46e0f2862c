//! A limit on the memory of a process that runs already.

use std::io;

use rustix::process::Pid;

/// Limits private, writable memory, for good.
#[cfg(target_os = "linux")]
pub(super) fn limit(process: Pid, bytes: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, prlimit};

    let most = getrlimit(Resource::Data).maximum.unwrap_or(u64::MAX);
    let bytes = Some(bytes.min(most));
    let limit = Rlimit {
        current: bytes,
        maximum: bytes,
    };
    prlimit(Some(process), Resource::Data, limit)?;
    Ok(())
}

/// Does nothing: there is no way to limit another process.
#[cfg(not(target_os = "linux"))]
pub(super) fn limit(_process: Pid, _bytes: u64) -> io::Result<()> {
    Ok(())
}
