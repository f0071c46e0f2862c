//! The id of the container this process runs in.
//!
//! It is the innermost one found in, first, the process's cgroup path (cgroup v1, and v2 without a
//! cgroup namespace of its own), then the cgroup mounts, then the files that Docker, Podman and
//! nerdctl mount over `/etc/hostname` and the like.
//!
//! In a Kubernetes pod those files belong to the pod's sandbox, not to the container, with every
//! runtime; an id from there would be the wrong one, so there is none: a pod on cgroup v2 whose
//! runtime gives it a cgroup namespace of its own (the default of containerd and CRI-O) has no
//! `container.id` unless `OTEL_RESOURCE_ATTRIBUTES` gives it. Likewise a container that shares
//! another one's network sees that one's files and shows its id.
//!
//! Source: OpenTelemetry semantic conventions, `container.id`; opentelemetry-go #3508 and
//! opentelemetry-js #3614 on wrong ids.

use super::{
    kubernetes,
    mountinfo::{self, Mount},
    source::Source,
};

/// Files that a runtime writes for each container and mounts into it.
const IDENTITY_FILES: [&str; 4] = [
    "/etc/hostname",
    "/run/.containerenv",
    "/etc/resolv.conf",
    "/etc/hosts",
];

/// Finds the container's id; `None` outside a container and where it cannot be told.
pub(super) fn container_id(source: &Source) -> Option<String> {
    let cgroups = source.file("/proc/self/cgroup").unwrap_or_default();
    let mounts = mountinfo::read(source);
    from_cgroups(&cgroups)
        .or_else(|| from_mounts(source, &mounts))
        .map(str::to_owned)
}

/// Searches lines of `hierarchy:controllers:path`.
fn from_cgroups(text: &str) -> Option<&str> {
    text.lines()
        .filter_map(|line| line.splitn(3, ':').nth(2))
        .find_map(from_cgroup_path)
}

/// Searches a cgroup's path from its end, because an init process or a nested manager may live in
/// a cgroup below that of the container.
fn from_cgroup_path(path: &str) -> Option<&str> {
    path.rsplit('/').find_map(|segment| {
        let unit = segment.strip_suffix(".scope").unwrap_or(segment);
        if is_container_id(unit) {
            return Some(unit);
        }
        // docker-<id>, crio-<id>, libpod-<id>, and <slice>:cri-containerd:<id>. The monitor of a
        // container (conmon) has a cgroup named after it too, and is not in it.
        let (prefix, id) = unit.rsplit_once(['-', ':'])?;
        (is_container_id(id) && !prefix.ends_with("conmon")).then_some(id)
    })
}

fn from_mounts<'a>(source: &Source, text: &'a str) -> Option<&'a str> {
    let cgroup = mountinfo::mounts(text)
        .filter(|mount| matches!(mount.kind, "cgroup" | "cgroup2"))
        .find_map(|mount| from_cgroup_path(mount.root));
    let in_a_pod = kubernetes::in_cluster(source)
        || mountinfo::mounts(text).any(|mount| mount.is_of_kubelet());
    if cgroup.is_some() || in_a_pod {
        return cgroup;
    }
    IDENTITY_FILES.iter().find_map(|file| {
        mountinfo::mounts(text)
            .filter(|mount| mount.point == *file)
            .find_map(from_identity_file)
    })
}

/// Finds the id in `.../containers/<id>/hostname`, `.../overlay-containers/<id>/userdata/hostname`
/// and the like.
fn from_identity_file(mount: Mount<'_>) -> Option<&str> {
    let of_a_sandbox = mount.root.split('/').any(|segment| segment == "sandboxes");
    if of_a_sandbox {
        return None;
    }
    mount.root.rsplit('/').find(|part| is_container_id(part))
}

/// Tells whether a text is an id: 64 hexadecimal digits, or the form of AWS Fargate, 32 of them,
/// a hyphen and 10 decimal digits.
fn is_container_id(text: &str) -> bool {
    let hex = |text: &str| {
        text.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    match text.split_once('-') {
        None => text.len() == 64 && hex(text),
        Some((task, number)) => {
            task.len() == 32
                && hex(task)
                && number.len() == 10
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
    }
}

#[cfg(test)]
#[path = "container_tests.rs"]
mod tests;
