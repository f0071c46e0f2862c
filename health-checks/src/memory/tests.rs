#![allow(
    clippy::unwrap_used,
    reason = "the setting for tests does not cover what they share"
)]

use check_testing::Folder;

use super::*;

const GIB: u64 = 1024 * 1024 * 1024;
const MEMINFO: &str = "MemTotal:       16777216 kB\nMemFree:  1 kB\nMemAvailable:   12582912 kB\n";
const MOUNT_V2: &str =
    "30 23 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const HOST: (u64, u64, &str) = (4 * GIB, 16 * GIB, "host");

/// The files below `/`, each with what it holds; a case has the memory of the host besides.
type Files<'a> = &'a [(&'a str, &'a str)];

fn usage_of(files: Files<'_>) -> io::Result<Usage> {
    let folder = Folder::new("memory");
    for (path, content) in [("proc/meminfo", MEMINFO)].iter().chain(files) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    usage(folder.path())
}

#[test]
fn the_fullest_group_with_a_limit_counts() {
    let cases: [(&str, Files<'_>, (u64, u64, &str)); 12] = [
        ("no control groups", &[], HOST),
        (
            "container with a namespace of its own",
            &[
                ("proc/self/cgroup", "0::/\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/memory.max", "1000\n"),
                ("sys/fs/cgroup/memory.high", "max\n"),
                ("sys/fs/cgroup/memory.current", "900\n"),
                (
                    "sys/fs/cgroup/memory.stat",
                    "anon 1\nfile 5\nactive_file 7\ninactive_file 300\n",
                ),
            ],
            (600, 1000, "cgroup2 /sys/fs/cgroup"),
        ),
        (
            "limit by slowing down",
            &[
                ("proc/self/cgroup", "0::/\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/memory.max", "1000\n"),
                ("sys/fs/cgroup/memory.high", "800\n"),
                ("sys/fs/cgroup/memory.current", "500\n"),
                ("sys/fs/cgroup/memory.stat", "anon 1\n"),
            ],
            (500, 800, "cgroup2 /sys/fs/cgroup"),
        ),
        (
            "a group without limit in one with",
            &[
                ("proc/self/cgroup", "0::/a.slice/b.service\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/a.slice/b.service/memory.max", "max\n"),
                ("sys/fs/cgroup/a.slice/memory.max", "1000\n"),
                ("sys/fs/cgroup/a.slice/memory.current", "10\n"),
                ("sys/fs/cgroup/a.slice/memory.stat", "inactive_file 20\n"),
            ],
            (0, 1000, "cgroup2 /sys/fs/cgroup/a.slice"),
        ),
        (
            "the larger group is fuller",
            &[
                ("proc/self/cgroup", "0::/pod/own\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/pod/own/memory.max", "1000\n"),
                ("sys/fs/cgroup/pod/own/memory.current", "100\n"),
                ("sys/fs/cgroup/pod/own/memory.stat", ""),
                ("sys/fs/cgroup/pod/memory.max", "2000\n"),
                ("sys/fs/cgroup/pod/memory.current", "1900\n"),
                ("sys/fs/cgroup/pod/memory.stat", ""),
            ],
            (1900, 2000, "cgroup2 /sys/fs/cgroup/pod"),
        ),
        (
            "the own group is fuller",
            &[
                ("proc/self/cgroup", "0::/pod/own\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/pod/own/memory.max", "1000\n"),
                ("sys/fs/cgroup/pod/own/memory.current", "990\n"),
                ("sys/fs/cgroup/pod/own/memory.stat", ""),
                ("sys/fs/cgroup/pod/memory.max", "2000\n"),
                ("sys/fs/cgroup/pod/memory.current", "1900\n"),
                ("sys/fs/cgroup/pod/memory.stat", ""),
            ],
            (990, 1000, "cgroup2 /sys/fs/cgroup/pod/own"),
        ),
        (
            "no namespace, but the mount of the own group",
            &[
                ("proc/self/cgroup", "0::/kubepods/pod1/c1\n"),
                (
                    "proc/self/mountinfo",
                    "30 23 0:26 /kubepods/pod1/c1 /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
                ),
                ("sys/fs/cgroup/memory.max", "1000\n"),
                ("sys/fs/cgroup/memory.current", "1\n"),
                ("sys/fs/cgroup/memory.stat", ""),
            ],
            (1, 1000, "cgroup2 /sys/fs/cgroup"),
        ),
        (
            "the group is outside of the namespace",
            &[
                ("proc/self/cgroup", "0::/../other\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/memory.max", "1000\n"),
                ("sys/fs/cgroup/memory.current", "1\n"),
                ("sys/fs/cgroup/memory.stat", ""),
                ("sys/fs/other/memory.max", "1\n"),
            ],
            (1, 1000, "cgroup2 /sys/fs/cgroup"),
        ),
        (
            "a limit above the memory of the host",
            &[
                ("proc/self/cgroup", "0::/\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/memory.max", "99999999999999\n"),
                ("sys/fs/cgroup/memory.current", "1\n"),
                ("sys/fs/cgroup/memory.stat", ""),
            ],
            HOST,
        ),
        (
            "a mount point with a space",
            &[
                ("proc/self/cgroup", "0::/\n"),
                (
                    "proc/self/mountinfo",
                    "30 23 0:26 / /sys/c\\040g ro - cgroup2 cgroup2 rw\n",
                ),
                ("sys/c g/memory.max", "1000\n"),
                ("sys/c g/memory.current", "1\n"),
                ("sys/c g/memory.stat", ""),
            ],
            (1, 1000, "cgroup2 /sys/c g"),
        ),
        (
            "version 1 beside version 2",
            &[
                (
                    "proc/self/cgroup",
                    "4:cpu,memory:/docker/c1\n1:cpu:/\n0::/docker/c1\n",
                ),
                (
                    "proc/self/mountinfo",
                    "38 31 0:35 / /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpuacct\n\
                     41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
                     39 31 0:36 /docker/c1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,cpu,memory\n",
                ),
                ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n"),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "700\n"),
                (
                    "sys/fs/cgroup/memory/memory.stat",
                    "inactive_file 1\ntotal_inactive_file 200\n",
                ),
                ("sys/fs/cgroup/unified/memory.max", "5\n"),
            ],
            (500, 1000, "cgroup1 /sys/fs/cgroup/memory"),
        ),
        (
            "version 1 without a limit",
            &[
                ("proc/self/cgroup", "4:memory:/\n"),
                (
                    "proc/self/mountinfo",
                    "39 31 0:36 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                ),
                (
                    "sys/fs/cgroup/memory/memory.limit_in_bytes",
                    "9223372036854771712\n",
                ),
                ("sys/fs/cgroup/memory/memory.usage_in_bytes", "700\n"),
                ("sys/fs/cgroup/memory/memory.stat", ""),
            ],
            HOST,
        ),
    ];
    for (name, files, (used, limit, source)) in cases {
        let source = source.to_owned();
        let expected = Usage {
            used,
            limit,
            source,
        };
        assert_eq!(usage_of(files).unwrap(), expected, "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error_that_names_the_file() {
    let cases: [(&str, Files<'_>, &str); 5] = [
        (
            "no memory",
            &[("proc/meminfo", "MemTotal: 5 kB\n")],
            "/proc/meminfo: there is no MemAvailable in it",
        ),
        (
            "more than a number",
            &[("proc/meminfo", "MemTotal: 99999999999999999999 kB\n")],
            "/proc/meminfo: there is no MemTotal in it",
        ),
        (
            "no mounts",
            &[("proc/self/cgroup", "0::/\n")],
            "/proc/self/mountinfo: No such file or directory (os error 2)",
        ),
        (
            "odd limit",
            &[
                ("proc/self/cgroup", "0::/\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/memory.max", "-1\n"),
            ],
            "/sys/fs/cgroup/memory.max: `-1` is no number",
        ),
        (
            "limit without use",
            &[
                ("proc/self/cgroup", "0::/\n"),
                ("proc/self/mountinfo", MOUNT_V2),
                ("sys/fs/cgroup/memory.max", "7\n"),
            ],
            "/sys/fs/cgroup/memory.current: No such file or directory (os error 2)",
        ),
    ];
    for (name, files, error) in cases {
        assert_eq!(usage_of(files).unwrap_err().to_string(), error, "{name}");
    }
}

#[test]
fn odd_tables_of_groups_and_mounts_do_no_harm() {
    for odd in [
        "",
        "\n\n",
        "::",
        "0:",
        "0::",
        "0::x",
        "4:memory",
        "a b - c",
        " - ",
        "1 2 3 4 5 - cgroup2",
    ] {
        for (cgroup, mountinfo) in [(odd, MOUNT_V2), ("0::/\n", odd), (odd, odd)] {
            let files = [
                ("proc/self/cgroup", cgroup),
                ("proc/self/mountinfo", mountinfo),
            ];
            assert_eq!(usage_of(&files).unwrap().source, "host", "{odd:?}");
        }
    }
    let deep = format!("0::{}", "/a".repeat(100_000));
    let files = [
        ("proc/self/cgroup", deep.as_str()),
        ("proc/self/mountinfo", MOUNT_V2),
    ];
    assert!(usage_of(&files).is_err(), "the name is too long");
}

#[test]
fn the_threshold_is_inclusive() {
    let check = Memory::new();
    let cases = [
        (899, 1000, Status::UP),
        (900, 1000, Status::DOWN),
        (0, 0, Status::DOWN),
        (u64::MAX, u64::MAX, Status::DOWN),
    ];
    for (used, limit, status) in cases {
        let source = "host".to_owned();
        let health = check.judge(&Usage {
            used,
            limit,
            source,
        });
        assert_eq!(*health.status(), status, "{used} of {limit}");
    }
}
