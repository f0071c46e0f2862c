//! `statvfs`, which knows the inodes too.

use std::{io, path::Path};

use super::{Inodes, Space};

pub(super) fn space(path: &Path) -> io::Result<Space> {
    let stat = rustix::fs::statvfs(path)?;
    Ok(Space {
        total: stat.f_blocks.saturating_mul(stat.f_frsize),
        free: stat.f_bavail.saturating_mul(stat.f_frsize),
        inodes: (stat.f_files > 0).then_some(Inodes {
            total: stat.f_files,
            free: stat.f_favail,
        }),
    })
}
