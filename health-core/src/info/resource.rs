//! The OpenTelemetry resource attributes of this process.

use serde_json::Value;

use super::{
    command_line, container, instance_id::InstanceId, kubernetes, object::Object,
    otel_env::OtelEnv, platform, source::Source,
};

/// Who this process is, as OpenTelemetry names it.
///
/// Detected once, from the environment, `/proc`, `/etc` and, with the feature `sysinfo`, the
/// operating system. What cannot be found out is left out. The attributes, in this order:
///
/// | attribute | from |
/// |---|---|
/// | `service.name` | `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, the application's name |
/// | `service.version` | `OTEL_RESOURCE_ATTRIBUTES`, the application's version |
/// | `service.instance.id` | only when enabled, see [`InstanceId`] |
/// | `host.arch` | the architecture compiled for, such as `amd64`, `arm64`, `arm32` |
/// | `host.name` | `OTEL_RESOURCE_ATTRIBUTES`, the kernel |
/// | `host.hostname` | `HOSTNAME`, else the kernel |
/// | `os.type` | the system compiled for, such as `linux`, `darwin`, `windows` |
/// | `os.description` | the distribution and the kernel's release |
/// | `process.pid` | a number |
/// | `process.command_line` | the arguments, without secrets as far as they can be told |
/// | `process.executable.path` | |
/// | `process.runtime.name` | `rust` |
/// | `process.runtime.version`, `process.runtime.description` | the compiler |
/// | `machine.id` | `/etc/machine-id`, `/var/lib/dbus/machine-id` |
/// | `container.id` | `OTEL_RESOURCE_ATTRIBUTES`, cgroups (v1 and v2) and mounts |
/// | `k8s.pod.name` | `OTEL_RESOURCE_ATTRIBUTES`, `K8S_POD_NAME`, `POD_NAME`, `MY_POD_NAME`, a host name that is one |
/// | `k8s.container.name` | `OTEL_RESOURCE_ATTRIBUTES`, `K8S_CONTAINER_NAME`, `CONTAINER_NAME`, mounts |
/// | `k8s.namespace.name` | `OTEL_RESOURCE_ATTRIBUTES`, `K8S_NAMESPACE_NAME`, `K8S_NAMESPACE`, `POD_NAMESPACE`, `MY_POD_NAMESPACE`, `NAMESPACE`, the service account |
///
/// - `CONTAINER_NAME` and `NAMESPACE` count in a Kubernetes cluster only.
/// - A host name counts as a pod's name in a cluster only, and when it looks like one that a
///   ReplicaSet, StatefulSet, DaemonSet, Job or CronJob gives. With `hostNetwork` or a `hostname`
///   of one's own pass `metadata.name` in as `K8S_POD_NAME`.
/// - `container.id` is left out rather than wrong in a pod whose runtime hides it (cgroup v2 with
///   containerd or CRI-O).
///
/// Source: OpenTelemetry semantic conventions, resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    attributes: Vec<(&'static str, Value)>,
}

impl Resource {
    /// Gives one attribute.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.attributes.iter().find(|(known, _)| *known == name)?;
        Some(&found.1)
    }

    /// Walks over all attributes, in their order.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.attributes.iter().map(|(name, value)| (*name, value))
    }

    /// Finds out the attributes of a process, given its application's name and version.
    pub(super) fn detect(
        source: &Source,
        name: &str,
        version: Option<&str>,
        instance_id: &InstanceId,
    ) -> Self {
        let otel = OtelEnv::read(source);
        let mut found = Self {
            attributes: Vec::new(),
        };

        let service = otel.get("service.name").unwrap_or_else(|| name.to_owned());
        let version = otel.get("service.version").or(version.map(str::to_owned));
        let machine_id = machine_id(source);
        let instance_id = match instance_id {
            InstanceId::Off => None,
            given => otel
                .get("service.instance.id")
                .or_else(|| given.resolve(&service, machine_id.as_deref())),
        };
        found.add("service.name", Some(service));
        found.add("service.version", version);
        found.add("service.instance.id", instance_id);

        let host_name = platform::host_name(source);
        found.add("host.arch", Some(platform::arch()));
        found.add("host.name", otel.get("host.name").or(host_name.clone()));
        found.add(
            "host.hostname",
            source.var("HOSTNAME").or(host_name.clone()),
        );
        found.add("os.type", Some(platform::os_type()));
        found.add("os.description", platform::os_description(source));

        found.add("process.pid", Some(std::process::id()));
        let command_line = command_line::redacted(&source.args);
        found.add(
            "process.command_line",
            (!command_line.is_empty()).then_some(command_line),
        );
        found.add("process.executable.path", executable(source));
        found.add_compiler(option_env!("HEALTH_CORE_RUSTC_VERSION"));

        found.add("machine.id", machine_id);
        found.add(
            "container.id",
            otel.get("container.id")
                .or_else(|| container::container_id(source)),
        );
        found.add(
            "k8s.pod.name",
            kubernetes::pod_name(source, &otel, host_name.as_deref()),
        );
        found.add(
            "k8s.container.name",
            kubernetes::container_name(source, &otel),
        );
        found.add(
            "k8s.namespace.name",
            kubernetes::namespace_name(source, &otel),
        );
        found
    }

    /// Gives the attributes as JSON members.
    pub(super) fn object(&self) -> Object {
        let mut object = Object::default();
        for (name, value) in &self.attributes {
            object.set(name, value.clone());
        }
        object
    }

    fn add(&mut self, name: &'static str, value: Option<impl Into<Value>>) {
        self.attributes
            .extend(value.map(|value| (name, value.into())));
    }

    /// Adds the runtime, from a line such as `rustc 1.95.0 (59807616e 2026-04-14)`.
    fn add_compiler(&mut self, line: Option<&str>) {
        self.add("process.runtime.name", Some("rust"));
        let version = line.and_then(|line| line.split_whitespace().nth(1));
        self.add("process.runtime.version", version);
        self.add("process.runtime.description", line);
    }
}

/// Reads the machine's id, which systemd calls `uninitialized` while an image is being made.
///
/// Source: machine-id(5).
fn machine_id(source: &Source) -> Option<String> {
    ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .into_iter()
        .filter_map(|file| source.word(file))
        .find(|id| id != "uninitialized")
}

/// Gives the executable's path, without what Linux adds once the file has been replaced.
fn executable(source: &Source) -> Option<String> {
    let path = source.executable.as_deref()?.to_string_lossy();
    let path = path.strip_suffix(" (deleted)").unwrap_or(&path);
    Some(path.to_owned())
}

#[cfg(test)]
#[path = "resource_tests.rs"]
mod tests;
