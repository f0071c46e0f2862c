//! The disk on which a path is, by its mount point; there are no inodes to count.

use std::{io, path::Path};

use sysinfo::Disks;

use super::Space;

pub(super) fn space(path: &Path) -> io::Result<Space> {
    let path = path.canonicalize()?;
    let disks = Disks::new_with_refreshed_list().map_err(io::Error::other)?;
    let disk = disks
        .iter()
        .filter(|disk| is_below(&path, disk.mount_point()))
        .max_by_key(|disk| disk.mount_point().as_os_str().len())
        .ok_or_else(|| io::Error::new(io::ErrorKind::Unsupported, "no disk has this path"))?;
    Ok(Space {
        total: disk.total_space(),
        free: disk.available_space(),
        inodes: None,
    })
}

/// Tells whether a path is on the disk; both in the form that the system gives them.
fn is_below(path: &Path, mount_point: &Path) -> bool {
    mount_point
        .canonicalize()
        .is_ok_and(|mount_point| path.starts_with(mount_point))
}
