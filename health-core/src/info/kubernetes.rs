//! Pod, container and namespace.
//!
//! What a manifest passes in comes first: the attribute in `OTEL_RESOURCE_ATTRIBUTES`, then the
//! first variable that is set, then what the cluster leaves in the container. Variables with
//! names of wider use count in a cluster only, that is when `KUBERNETES_SERVICE_HOST` is set.
//!
//! A host name counts as a pod's name only in a cluster and when a controller could have made it.
//! It can still be another name: a pod on the host's network has the node's name, and the manifest
//! may set one. Pass `metadata.name` in as `K8S_POD_NAME` (downward API) where that matters.

use super::{mountinfo, otel_env::OtelEnv, source::Source};

/// Letters and digits of generated name parts: no vowels, and nothing that looks like one.
///
/// Source: Kubernetes `k8s.io/apimachinery/pkg/util/rand`.
const GENERATED: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// Characters at the end of a name that a controller generates.
const SUFFIX_CHARS: usize = 5;

/// Characters of the longest host name; a longer generated name is cut, without its last hyphen,
/// so that the suffix still fits.
const MAX_NAME_CHARS: usize = 63;

/// Variables that name the pod, the first one first.
const POD_VARS: [&str; 3] = ["K8S_POD_NAME", "POD_NAME", "MY_POD_NAME"];

/// Variables that name the container, the last one in a cluster only.
const CONTAINER_VARS: [&str; 2] = ["K8S_CONTAINER_NAME", "CONTAINER_NAME"];

/// Variables that name the namespace, the last one in a cluster only.
const NAMESPACE_VARS: [&str; 5] = [
    "K8S_NAMESPACE_NAME",
    "K8S_NAMESPACE",
    "POD_NAMESPACE",
    "MY_POD_NAMESPACE",
    "NAMESPACE",
];

/// Variables that mean something else where there is no cluster.
const OF_WIDER_USE: [&str; 2] = ["CONTAINER_NAME", "NAMESPACE"];

const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/// Names the pod.
pub(super) fn pod_name(source: &Source, otel: &OtelEnv, host_name: Option<&str>) -> Option<String> {
    otel.get("k8s.pod.name")
        .or_else(|| first_var(source, &POD_VARS))
        .or_else(|| {
            let name = host_name?;
            let of_pod =
                in_cluster(source) && is_pod_name(name) && !is_indexed_job_host(source, name);
            of_pod.then(|| name.to_owned())
        })
}

/// Names the container within its pod.
pub(super) fn container_name(source: &Source, otel: &OtelEnv) -> Option<String> {
    otel.get("k8s.container.name")
        .or_else(|| first_var(source, &CONTAINER_VARS))
        .or_else(|| {
            mountinfo::mounts(&mountinfo::read(source))
                .find_map(|mount| mount.kubernetes_container_name().map(str::to_owned))
        })
}

/// Names the namespace of the pod.
pub(super) fn namespace_name(source: &Source, otel: &OtelEnv) -> Option<String> {
    otel.get("k8s.namespace.name")
        .or_else(|| first_var(source, &NAMESPACE_VARS))
        .or_else(|| source.word(NAMESPACE_FILE))
}

/// Tells whether the process runs in a pod: the kubelet sets this variable in every container.
pub(super) fn in_cluster(source: &Source) -> bool {
    source.var("KUBERNETES_SERVICE_HOST").is_some()
}

fn first_var(source: &Source, names: &[&str]) -> Option<String> {
    let in_cluster = in_cluster(source);
    names
        .iter()
        .filter(|name| in_cluster || !OF_WIDER_USE.contains(name))
        .find_map(|name| source.var(name))
}

/// Tells whether a controller could have given this name to a pod: it ends in a hyphen and five
/// generated characters (ReplicaSets, DaemonSets, Jobs; what comes before, such as a template hash
/// or a CronJob's time, is part of their own name), or in a hyphen and an ordinal (StatefulSets).
fn is_pod_name(name: &str) -> bool {
    let valid = name
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.len() <= MAX_NAME_CHARS;
    if !valid {
        return false;
    }
    match name.rsplit_once('-') {
        Some((_, part)) if is_ordinal(part) || is_generated(part) => true,
        _ => name.len() == MAX_NAME_CHARS && is_generated(&name[MAX_NAME_CHARS - SUFFIX_CHARS..]),
    }
}

fn is_generated(part: &str) -> bool {
    part.len() == SUFFIX_CHARS && part.bytes().all(|byte| GENERATED.contains(&byte))
}

fn is_ordinal(part: &str) -> bool {
    part.parse::<u32>()
        .is_ok_and(|ordinal| ordinal.to_string() == part)
}

/// Tells whether the host name is `<job>-<index>`: a pod of an indexed Job is called
/// `<job>-<index>-<suffix>`, but its host name leaves the suffix out.
fn is_indexed_job_host(source: &Source, name: &str) -> bool {
    let index = source.var("JOB_COMPLETION_INDEX");
    name.rsplit_once('-')
        .is_some_and(|(_, part)| index.as_deref() == Some(part))
}

#[cfg(test)]
#[path = "kubernetes_tests.rs"]
mod tests;
