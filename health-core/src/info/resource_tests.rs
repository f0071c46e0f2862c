//! Cases of the resource as a whole.

use std::{ffi::OsString, path::PathBuf};

use super::*;
use crate::info::testing::{Tree, warnings};

fn names(resource: &Resource) -> Vec<&str> {
    resource.attributes().map(|(name, _)| name).collect()
}

/// A pod with everything there is to find.
fn pod() -> (Tree, Source) {
    let tree = Tree::new();
    let id = "3f0a5b1c9d8e7f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd";
    tree.write("/etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n");
    tree.write(
        "/etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
    );
    tree.write("/proc/sys/kernel/hostname", "orders-7d9c5b8f4-x9f56\n");
    tree.write("/proc/sys/kernel/osrelease", "6.1.0\n");
    tree.write(
        "/proc/self/cgroup",
        format!("0::/kubepods.slice/cri-containerd-{id}.scope\n"),
    );
    tree.write("/proc/self/mountinfo", "1 2 3:4 /var/lib/kubelet/pods/f2c2/containers/app/92ef /dev/termination-log rw - ext4 x rw\n");
    tree.write(
        "/var/run/secrets/kubernetes.io/serviceaccount/namespace",
        "shop",
    );
    let mut source = tree.source_with(&[("KUBERNETES_SERVICE_HOST", "10.96.0.1")]);
    source.args = ["orders", "--token", "hunter2"].map(OsString::from).into();
    source.executable = Some(PathBuf::from("/usr/bin/orders (deleted)"));
    (tree, source)
}

#[test]
fn has_all_attributes_in_their_order() {
    let (tree, source) = pod();
    let folder = InstanceId::in_folder(tree.path());
    let resource = Resource::detect(&source, "orders", Some("1.2.3"), &folder);
    assert_eq!(
        names(&resource),
        [
            "service.name",
            "service.version",
            "service.instance.id",
            "host.arch",
            "host.name",
            "host.hostname",
            "os.type",
            "os.description",
            "process.pid",
            "process.command_line",
            "process.executable.path",
            "process.runtime.name",
            "process.runtime.version",
            "process.runtime.description",
            "machine.id",
            "container.id",
            "k8s.pod.name",
            "k8s.container.name",
            "k8s.namespace.name",
        ]
    );
    for (name, expected) in [
        ("service.name", "orders"),
        ("service.version", "1.2.3"),
        ("host.name", "orders-7d9c5b8f4-x9f56"),
        ("host.hostname", "orders-7d9c5b8f4-x9f56"),
        (
            "os.description",
            "Debian GNU/Linux 12 (bookworm), Linux 6.1.0",
        ),
        ("process.command_line", "orders --token ******"),
        ("process.executable.path", "/usr/bin/orders"),
        ("process.runtime.name", "rust"),
        ("machine.id", "3d1219c7c4c5404aaa1f6d2a48adfda4"),
        ("k8s.pod.name", "orders-7d9c5b8f4-x9f56"),
        ("k8s.container.name", "app"),
        ("k8s.namespace.name", "shop"),
    ] {
        assert_eq!(resource.get(name), Some(&Value::from(expected)), "{name}");
    }
    assert_eq!(
        resource.get("process.pid"),
        Some(&Value::from(std::process::id()))
    );
    assert_eq!(resource.get("absent"), None);
}

#[test]
fn leaves_out_what_is_absent() {
    let source = Tree::new().source();
    let resource = Resource::detect(&source, "orders", None, &InstanceId::Off);
    assert_eq!(
        names(&resource),
        [
            "service.name",
            "host.arch",
            "os.type",
            "process.pid",
            "process.runtime.name",
            "process.runtime.version",
            "process.runtime.description",
        ]
    );
}

#[test]
fn obeys_the_environment() {
    let list =
        "service.name=list,service.version=9,service.instance.id=i,host.name=h,container.id=c";
    let tree = Tree::new();
    tree.write("/proc/sys/kernel/hostname", "kernel");
    let vars = [("OTEL_RESOURCE_ATTRIBUTES", list), ("HOSTNAME", "variable")];
    let source = tree.source_with(&vars);
    let missing = InstanceId::in_folder(tree.path().join("missing"));
    let (resource, warned) = warnings(|| Resource::detect(&source, "orders", Some("1"), &missing));
    assert_eq!(warned, Vec::<String>::new(), "the folder is not needed");
    for (name, expected) in [
        ("service.name", "list"),
        ("service.version", "9"),
        ("service.instance.id", "i"),
        ("host.name", "h"),
        ("host.hostname", "variable"),
        ("container.id", "c"),
    ] {
        assert_eq!(resource.get(name), Some(&Value::from(expected)), "{name}");
    }
    let off = Resource::detect(&source, "orders", None, &InstanceId::Off);
    assert_eq!(off.get("service.instance.id"), None);
}

#[test]
fn derives_the_instance_id_from_the_machine() {
    let tree = Tree::new();
    tree.write("/etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n");
    let source = tree.source();
    let missing = InstanceId::in_folder(tree.path().join("missing"));
    let id = || {
        let resource = Resource::detect(&source, "orders", None, &missing);
        resource.get("service.instance.id").cloned().unwrap()
    };
    assert_eq!(id(), id());
}

#[test]
fn reads_the_machine_id() {
    let id = "3d1219c7c4c5404aaa1f6d2a48adfda4";
    for (name, etc, dbus, expected) in [
        ("etc", Some(id.as_bytes()), None, Some(id)),
        ("dbus", None, Some(id.as_bytes()), Some(id)),
        (
            "etc first",
            Some(id.as_bytes()),
            Some(&b"other"[..]),
            Some(id),
        ),
        ("uninitialized", Some(b"uninitialized\n"), None, None),
        (
            "uninitialized, dbus",
            Some(b"uninitialized\n"),
            Some(id.as_bytes()),
            Some(id),
        ),
        ("empty", Some(b"\n"), None, None),
        ("not UTF-8", Some(b"\xff\xfe\xfd"), None, None),
        ("huge", Some(&[b'a'; 1 << 20]), None, None),
        ("absent", None, None, None),
    ] {
        let tree = Tree::new();
        if let Some(content) = etc {
            tree.write("/etc/machine-id", content);
        }
        if let Some(content) = dbus {
            tree.write("/var/lib/dbus/machine-id", content);
        }
        assert_eq!(machine_id(&tree.source()).as_deref(), expected, "{name}");
    }
}

#[test]
fn names_the_compiler() {
    let line = "rustc 1.95.0-nightly (59807616e 2026-04-14)";
    for (given, names_expected, version) in
        [(Some(line), 3, Some("1.95.0-nightly")), (None, 1, None)]
    {
        let mut resource = Resource {
            attributes: Vec::new(),
        };
        resource.add_compiler(given);
        assert_eq!(names(&resource).len(), names_expected);
        assert_eq!(
            resource.get("process.runtime.name"),
            Some(&Value::from("rust"))
        );
        let found = resource.get("process.runtime.version");
        assert_eq!(found.and_then(Value::as_str), version);
        let description = resource.get("process.runtime.description");
        assert_eq!(description.and_then(Value::as_str), given);
    }
    // The build script of this crate has asked the compiler.
    assert!(
        option_env!("HEALTH_CORE_RUSTC_VERSION").is_some_and(|line| line.starts_with("rustc 1."))
    );
}

#[cfg(target_os = "linux")]
#[test]
fn describes_this_very_process() {
    let source = Source::of_this_process();
    let resource = Resource::detect(&source, "orders", None, &InstanceId::Off);
    for name in [
        "host.name",
        "host.hostname",
        "os.description",
        "process.command_line",
        "process.executable.path",
    ] {
        let value = resource.get(name).and_then(Value::as_str);
        assert!(value.is_some_and(|text| !text.is_empty()), "{name}");
    }
}
