//! On which ports a process listens, as the kernel knows it.

use std::{collections::BTreeSet, fs};

/// The state of a socket that listens.
///
/// Source: `include/net/tcp_states.h` of Linux.
const LISTEN: &str = "0A";

/// Returns the TCP ports that a process listens on.
pub(crate) fn listening_ports(pid: &str) -> BTreeSet<u16> {
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let own: BTreeSet<String> = descriptors
        .filter_map(|descriptor| {
            let target = fs::read_link(descriptor.path()).ok()?;
            let inode = target.to_str()?.strip_prefix("socket:[")?;
            Some(inode.strip_suffix(']')?.to_owned())
        })
        .collect();
    let tables = ["tcp", "tcp6"].map(|name| {
        let path = format!("/proc/{pid}/net/{name}");
        fs::read_to_string(path).unwrap_or_default()
    });
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.filter_map(|row| {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let (address, state, inode) = (columns[1], columns[3], columns[9]);
        let (_, port) = address.rsplit_once(':')?;
        let is_own = state == LISTEN && own.contains(inode);
        is_own.then(|| u16::from_str_radix(port, 16).unwrap())
    })
    .collect()
}
