//! Cases of the container's id: what each runtime leaves in `/proc`.

use super::*;
use crate::info::testing::Tree;

/// The container's own id in every case, unless a case says otherwise.
const ID: &str = "3f0a5b1c9d8e7f60718293a4b5c6d7e8f90123456789abcdef0123456789abcd";

/// The id of something else: a sandbox, an image layer, another container.
const OTHER: &str = "b7e2d9c4a1f60835472918e6d5c4b3a2f1e0d9c8b7a6958473625140fedcba98";

fn found(cgroup: &str, mountinfo: &str, vars: &[(&str, &str)]) -> Option<String> {
    let tree = Tree::new();
    tree.write(
        "/proc/self/cgroup",
        cgroup.replace("ID", ID).replace("OTHER", OTHER),
    );
    tree.write(
        "/proc/self/mountinfo",
        mountinfo.replace("ID", ID).replace("OTHER", OTHER),
    );
    container_id(&tree.source_with(vars))
}

#[test]
fn reads_the_cgroup_path() {
    for (name, cgroup) in [
        (
            "docker, v1",
            "12:pids:/docker/ID\n11:memory:/docker/ID\n1:name=systemd:/docker/ID\n",
        ),
        (
            "docker, v1 by systemd",
            "9:blkio:/system.slice/docker-ID.scope\n",
        ),
        ("docker, v2", "0::/system.slice/docker-ID.scope\n"),
        (
            "docker, v2, an init process below",
            "0::/system.slice/docker-ID.scope/init.scope\n",
        ),
        ("docker within docker", "4:cpu:/docker/OTHER/docker/ID\n"),
        (
            "kubernetes with docker",
            "11:pids:/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod82f40de6_1226_4577_ab35_2f378b9f5e49.slice/docker-ID.scope\n",
        ),
        (
            "containerd, v1 by the file system",
            "12:memory:/kubepods/burstable/pod3e9ee100-e307-4474-8c4c-e97428ebaacd/ID\n",
        ),
        (
            "containerd, v1 by systemd",
            "11:devices:/system.slice/containerd.service/kubepods-pod87a18a64_b74a_454a_b10b_a4a36059d0a3.slice:cri-containerd:ID\n",
        ),
        (
            "containerd, v2",
            "0::/kubepods.slice/kubepods-pod87a18a64_b74a_454a_b10b_a4a36059d0a3.slice/cri-containerd-ID.scope\n",
        ),
        (
            "containerd, v2, seen from a sibling",
            "0::/../cri-containerd-ID.scope\n",
        ),
        (
            "cri-o, v1",
            "5:cpuset:/kubepods/pod3e9ee100-e307-4474-8c4c-e97428ebaacd/crio-ID\n",
        ),
        (
            "cri-o, v2",
            "0::/kubepods.slice/kubepods-burstable.slice/crio-ID.scope\n",
        ),
        (
            "cri-o, v2 with crun",
            "0::/kubepods.slice/crio-ID.scope/container\n",
        ),
        (
            "podman, v1",
            "12:pids:/machine.slice/libpod-ID.scope\n1:name=systemd:/machine.slice/libpod-ID.scope/init.scope\n",
        ),
        (
            "podman, v2",
            "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container\n",
        ),
        (
            "podman in a pod",
            "0::/machine.slice/machine-libpod_pod_OTHER.slice/libpod-ID.scope\n",
        ),
        (
            "podman by the file system",
            "3:cpu:/libpod_parent/libpod-ID\n",
        ),
        (
            "ecs",
            "9:perf_event:/ecs/55091c13-b8cf-4801-b527-f4601742204d/ID\n",
        ),
        (
            "the first hierarchy says nothing",
            "13:misc:/\n12:rdma:/\n11:pids:/docker/ID\n0::/\n",
        ),
        (
            "garbage around",
            "\n:::\n\u{fffd}\nno colon\n1:x\n5:cpuset:/docker/ID\n",
        ),
    ] {
        assert_eq!(found(cgroup, "", &[]).as_deref(), Some(ID), "{name}");
    }
}

#[test]
fn reads_the_form_of_fargate() {
    let id = "34dc0b5e626f2c5c4c5170e34b10e765-1234567890";
    let cgroup = format!("9:cpu:/ecs/34dc0b5e626f2c5c4c5170e34b10e765/{id}\n");
    assert_eq!(found(&cgroup, "", &[]).as_deref(), Some(id));
}

#[test]
fn reads_mounts_under_a_cgroup_namespace() {
    for (name, mountinfo) in [
        (
            "docker",
            "994 986 0:33 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n\
             999 982 254:1 /docker/containers/ID/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda1 rw\n\
             1001 982 254:1 /docker/containers/ID/hostname /etc/hostname rw - ext4 /dev/vda1 rw\n\
             1002 982 254:1 /docker/containers/ID/hosts /etc/hosts rw - ext4 /dev/vda1 rw\n",
        ),
        (
            "docker with volumes that look like ids",
            "990 982 0:50 / / rw - overlay overlay rw,upperdir=/var/lib/docker/overlay2/OTHER/diff\n\
             995 982 254:1 /var/lib/docker/volumes/OTHER/_data /data rw - ext4 /dev/vda1 rw\n\
             1001 982 254:1 /var/lib/docker/containers/ID/hostname /etc/hostname rw master:1 - ext4 /dev/vda1 rw\n",
        ),
        (
            "docker whose hosts file alone is mounted",
            "1002 982 254:1 /var/lib/docker/containers/ID/hosts /etc/hosts rw - ext4 /dev/vda1 rw\n",
        ),
        (
            "podman, rootless",
            "1209 1200 0:53 /containers/overlay-containers/ID/userdata/.containerenv /run/.containerenv rw - tmpfs tmpfs rw\n\
             1210 1200 0:53 /containers/overlay-containers/ID/userdata/resolv.conf /etc/resolv.conf rw - tmpfs tmpfs rw\n",
        ),
        (
            "podman, rootful, vfs",
            "377 371 0:24 /containers/storage/vfs-containers/ID/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw\n",
        ),
        (
            "nerdctl with containerd",
            "600 590 8:1 /var/lib/nerdctl/1935db59/containers/default/ID/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n",
        ),
        (
            "kubernetes whose cgroup mount tells",
            "863 859 0:31 /kubepods.slice/kubepods-podfd698699.slice/docker-ID.scope /sys/fs/cgroup ro - cgroup2 cgroup rw\n\
             867 859 253:0 /var/lib/kubelet/pods/fd698699-eabf-4c23-92ef-cf0bbdb78261/containers/typha/fc4135aa /dev/termination-log rw - ext4 /dev/vda rw\n\
             869 857 253:0 /var/lib/docker/containers/OTHER/hostname /etc/hostname rw - ext4 /dev/vda rw\n",
        ),
    ] {
        for cgroup in ["0::/\n", ""] {
            assert_eq!(found(cgroup, mountinfo, &[]).as_deref(), Some(ID), "{name}");
        }
    }
}

#[test]
fn prefers_no_id_to_that_of_a_sandbox() {
    let kubelet = "3419 3098 253:0 /var/lib/kubelet/pods/f2c26abd-d7b4-4c07-9067-7fc2b72f89cb/containers/server/92ef860a /dev/termination-log rw - ext4 /dev/vda rw\n";
    let hosts = "3418 2892 253:0 /var/lib/kubelet/pods/f2c26abd-d7b4-4c07-9067-7fc2b72f89cb/etc-hosts /etc/hosts rw - ext4 /dev/vda rw\n";
    let containerd = "3420 2892 253:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/OTHER/hostname /etc/hostname rw - ext4 /dev/vda rw\n";
    let docker = "868 857 253:0 /var/lib/docker/containers/OTHER/hostname /etc/hostname rw - ext4 /dev/vda rw\n";
    let crio = "377 371 0:24 /containers/storage/overlay-containers/OTHER/userdata/.containerenv /run/.containerenv rw - tmpfs tmpfs rw\n";
    let in_cluster = [("KUBERNETES_SERVICE_HOST", "10.96.0.1")];
    for (name, mountinfo, vars) in [
        ("containerd", [kubelet, hosts, containerd].concat(), &[][..]),
        ("containerd alone", containerd.to_owned(), &[]),
        (
            "docker, by the termination log",
            [docker, kubelet].concat(),
            &[],
        ),
        ("docker, by the hosts file", [docker, hosts].concat(), &[]),
        ("cri-o", [crio, kubelet].concat(), &[]),
        ("cri-o, by the environment", crio.to_owned(), &in_cluster),
    ] {
        assert_eq!(found("0::/\n", &mountinfo, vars), None, "{name}");
    }
}

#[test]
fn finds_none_outside_a_container() {
    for (name, cgroup, mountinfo) in [
        ("nothing", "", ""),
        (
            "a desktop",
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-terminal-4711.scope\n",
            "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n24 27 0:6 / /dev rw - devtmpfs devtmpfs rw\n",
        ),
        (
            "a service on cgroup v1",
            "12:pids:/system.slice/orders.service\n0::/system.slice/orders.service\n",
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
        ),
        (
            "the monitor of a container",
            "0::/machine.slice/libpod-conmon-ID.scope\n",
            "",
        ),
        (
            "the monitor of cri-o",
            "0::/system.slice/crio-conmon-ID.scope\n",
            "",
        ),
        (
            "a host with other containers",
            "0::/init.scope\n",
            "9 1 0:9 / /var/lib/docker/overlay2/ID/merged rw - overlay overlay rw\n",
        ),
        ("an lxc container", "4:cpu:/lxc/web\n", ""),
        (
            "capital digits",
            "4:cpu:/docker/3F0A5B1C9D8E7F60718293A4B5C6D7E8F90123456789ABCDEF0123456789ABCD\n",
            "",
        ),
        ("too many digits", "4:cpu:/docker/ID0\n", ""),
        ("too few digits", "4:cpu:/docker/3f0a5b1c9d8e\n", ""),
        (
            "garbage",
            "\u{0}\u{fffd}:::///---:::",
            " - \n - - -\n1 2 3 4 5 - \n",
        ),
    ] {
        assert_eq!(found(cgroup, mountinfo, &[]), None, "{name}");
    }
}

#[test]
fn copes_with_missing_huge_and_odd_files() {
    assert_eq!(container_id(&Tree::new().source()), None);

    let tree = Tree::new();
    tree.write("/proc/self/cgroup", vec![0xff; 1 << 20]);
    tree.write("/proc/self/mountinfo/folder", "");
    assert_eq!(container_id(&tree.source()), None);

    let late = format!("{}\n1:cpu:/docker/{ID}\n", "x".repeat(1 << 20));
    tree.write("/proc/self/cgroup", late);
    assert_eq!(container_id(&tree.source()), None, "read beyond the cap");
    let early = format!("1:cpu:/docker/{ID}\n{}\n", "x".repeat(1 << 20));
    tree.write("/proc/self/cgroup", early);
    assert_eq!(container_id(&tree.source()).as_deref(), Some(ID));
}
