//! Memory of the host, as `sysinfo` knows it.

use std::{io, path::Path};

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

use super::Usage;

pub(super) fn usage(_root: &Path) -> io::Result<Usage> {
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory).map_err(io::Error::other)?;
    match system.total_memory() {
        0 => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system does not tell how much memory it has",
        )),
        limit => Ok(Usage {
            used: limit.saturating_sub(system.available_memory()),
            limit,
            source: "host".to_owned(),
        }),
    }
}
