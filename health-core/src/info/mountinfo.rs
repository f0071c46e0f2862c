//! Lines of `/proc/self/mountinfo`.

use super::source::Source;

/// One mount of this process's mount namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mount<'a> {
    /// The path inside its file system that is mounted.
    pub(super) root: &'a str,
    /// Where it is mounted.
    pub(super) point: &'a str,
    /// The file system's type.
    pub(super) kind: &'a str,
}

impl Mount<'_> {
    /// Finds the container's name in a file that the kubelet keeps for each container
    /// (by default what is mounted at `/dev/termination-log`):
    /// `.../pods/<pod uid>/containers/<container name>/<random>`.
    pub(super) fn kubernetes_container_name(&self) -> Option<&str> {
        let mut segments = self.root.rsplit('/');
        let _random = segments.next()?;
        let name = segments.next()?;
        let folder = segments.next()?;
        let _pod_uid = segments.next()?;
        let pods = segments.next()?;
        (folder == "containers" && pods == "pods" && !name.is_empty()).then_some(name)
    }

    /// Tells whether the kubelet made this mount, so that the process runs in a pod.
    pub(super) fn is_of_kubelet(&self) -> bool {
        self.kubernetes_container_name().is_some()
            || (self.root.contains("/pods/") && self.root.ends_with("/etc-hosts"))
    }
}

/// Reads the file; an empty text when there is none.
pub(super) fn read(source: &Source) -> String {
    source.file("/proc/self/mountinfo").unwrap_or_default()
}

/// Walks over the lines that are well formed.
///
/// Source: proc_pid_mountinfo(5).
pub(super) fn mounts(text: &str) -> impl Iterator<Item = Mount<'_>> {
    text.lines().filter_map(|line| {
        let (mount, file_system) = line.split_once(" - ")?;
        let mut fields = mount.split(' ').skip(3);
        Some(Mount {
            root: fields.next()?,
            point: fields.next()?,
            kind: file_system.split(' ').next()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skips_what_is_no_mount() {
        let text = "\n\
            36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw\n\
            garbage\n\
            1 2 3 - ext4\n\
            \u{fffd}\u{fffd} - \u{fffd}\n\
            40 35 0:3 / /proc rw - proc proc rw";
        let found: Vec<_> = mounts(text).collect();
        let first = Mount {
            root: "/mnt1",
            point: "/mnt2",
            kind: "ext3",
        };
        let second = Mount {
            root: "/",
            point: "/proc",
            kind: "proc",
        };
        assert_eq!(found, [first, second]);
    }
}
