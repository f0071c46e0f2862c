//! Cases of the instance id.

use std::{sync::Barrier, thread};

use super::*;
use crate::info::testing::{Tree, warnings};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn is_off_by_default() {
    assert_eq!(InstanceId::default(), InstanceId::Off);
    assert_eq!(InstanceId::Off.resolve("orders", Some("machine")), None);
}

#[test]
fn is_random_and_survives_restarts() {
    let tree = Tree::new();
    let id = InstanceId::in_folder(tree.path());
    let (first, warned) = warnings(|| id.resolve("orders", Some("machine")).unwrap());
    assert_eq!(warned, Vec::<String>::new());
    assert!(is_uuid(&first));
    assert_eq!(&first[14..15], "4");
    assert!(matches!(&first[19..20], "8" | "9" | "a" | "b"));
    assert_eq!(id.resolve("orders", None).unwrap(), first);
    assert_eq!(names(tree.path()), ["service-instance-id-orders"]);

    let other = id.resolve("users", None).unwrap();
    assert_ne!(other, first);
    let elsewhere = Tree::new();
    let elsewhere = InstanceId::in_folder(elsewhere.path()).resolve("orders", Some("machine"));
    assert_ne!(elsewhere.unwrap(), first);
}

#[test]
fn takes_an_id_that_somebody_put_there() {
    let tree = Tree::new();
    tree.write(
        "service-instance-id-orders",
        "  627CC493-F310-47DE-96BD-71410B7DEC09\r\n",
    );
    let id = InstanceId::in_folder(tree.path()).resolve("orders", None);
    assert_eq!(id.as_deref(), Some("627cc493-f310-47de-96bd-71410b7dec09"));
}

#[test]
fn is_agreed_upon_by_processes_that_start_at_once() {
    for _ in 0..20 {
        let tree = Tree::new();
        let start = Barrier::new(8);
        let ids: Vec<_> = thread::scope(|scope| {
            let run = || {
                start.wait();
                InstanceId::in_folder(tree.path()).resolve("orders", None)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(names(tree.path()), ["service-instance-id-orders"]);
        assert_eq!(
            ids[0],
            InstanceId::in_folder(tree.path()).resolve("orders", None)
        );
    }
}

#[test]
fn falls_back_with_one_warning_and_touches_nothing() {
    type Prepare = fn(&Tree) -> PathBuf;
    let cases: [(&str, Prepare); 6] = [
        ("missing folder", |tree| tree.path().join("missing")),
        ("a file in place of the folder", |tree| {
            tree.write("file", "x");
            tree.path().join("file")
        }),
        ("garbage", |tree| {
            tree.write("service-instance-id-orders", "hello");
            tree.path().to_owned()
        }),
        ("an empty file", |tree| {
            tree.write("service-instance-id-orders", "");
            tree.path().to_owned()
        }),
        ("a huge file that is not UTF-8", |tree| {
            tree.write("service-instance-id-orders", vec![0xff; 1 << 20]);
            tree.path().to_owned()
        }),
        ("a folder in place of the file", |tree| {
            tree.write("service-instance-id-orders/x", "");
            tree.path().to_owned()
        }),
    ];
    for (name, prepare) in cases {
        let tree = Tree::new();
        let folder = prepare(&tree);
        let before = names(tree.path());
        let id = InstanceId::in_folder(&folder);

        let (derived, warned) = warnings(|| id.resolve("orders", Some("machine")).unwrap());
        assert_eq!(warned.len(), 1, "{name}");
        assert!(warned[0].contains(folder.to_str().unwrap()), "{name}");
        assert!(warned[0].contains("let this process write"), "{name}");
        assert!(is_uuid(&derived), "{name}");
        assert_eq!(id.resolve("orders", Some("machine")), Some(derived.clone()));
        assert_ne!(id.resolve("orders", Some("other")), Some(derived));

        let (lost, warned) = warnings(|| id.resolve("orders", None).unwrap());
        assert!(warned[0].contains("random"), "{name}");
        assert!(is_uuid(&lost), "{name}");
        assert_ne!(id.resolve("orders", None), Some(lost), "{name}");
        assert_eq!(names(tree.path()), before, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn does_not_wait_for_a_pipe() {
    let tree = Tree::new();
    let pipe = tree.path().join("service-instance-id-orders");
    let made = process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let id = InstanceId::in_folder(tree.path()).resolve("orders", Some("machine"));
    assert_eq!(id, Some(derived("machine", "orders")));
}

#[test]
fn names_files_safely_and_apart() {
    assert_eq!(
        file_name("orders-v1.2_x"),
        "service-instance-id-orders-v1.2_x"
    );
    let odd = ["../../etc/passwd", "a/b", "a_b", "a b", "größe", "", "a\0b"];
    let mut seen: Vec<_> = odd.into_iter().map(file_name).collect();
    let long = "x".repeat(MAX_FILE_NAME_PART_BYTES + 1);
    seen.push(file_name(&long));
    seen.push(file_name(&long[1..]));
    for name in &seen {
        assert!(!name.contains(['/', '\\', '\0']), "{name}");
        assert!(name.len() < 200, "{name}");
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn formats_uuids() {
    assert_eq!(uuid(0, 4), "00000000-0000-4000-8000-000000000000");
    assert_eq!(uuid(u128::MAX, 8), "ffffffff-ffff-8fff-bfff-ffffffffffff");
    assert_eq!(
        uuid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, 4),
        "01234567-89ab-4def-8123-456789abcdef"
    );
    for (text, expected) in [
        ("627cc493-f310-47de-96bd-71410b7dec09", true),
        ("627CC493-F310-47DE-96BD-71410B7DEC09", true),
        ("627cc493f31047de96bd71410b7dec09", false),
        ("627cc493-f310-47de-96bd-71410b7dec0", false),
        ("627cc493-f310-47de-96bd-71410b7dec0g", false),
        ("627cc4931f310-47de-96bd-71410b7dec09", false),
        ("", false),
    ] {
        assert_eq!(is_uuid(text), expected, "{text}");
    }
}

#[test]
fn derives_the_same_id_in_every_version_of_this_crate() {
    assert_eq!(fnv1a([""]), 0x6c62272e07bb014262b821756295c58d);
    assert_eq!(fnv1a(["a"]), 0xd228cb696f1a8caf78912b704e4a8964);
    assert_eq!(fnv1a(["a", "b"]), fnv1a(["ab"]));
    assert_ne!(derived("a", "bc"), derived("ab", "c"));
    assert_ne!(derived("machine", "orders"), derived("machine", "users"));
    assert_eq!(
        derived("machine", "orders"),
        "646734ca-4d69-8a5e-acf6-c9e7704de1b3"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn falls_back_where_even_root_may_not_write() {
    let id = InstanceId::in_folder("/proc/self");
    let (found, warned) = warnings(|| id.resolve("orders", Some("machine")));
    assert_eq!(found, Some(derived("machine", "orders")));
    assert_eq!(warned.len(), 1);
    assert!(warned[0].contains("/proc/self"));
}
