//! Cases of the `process` contributor.

use std::path::PathBuf;

use super::*;
use crate::info::{
    source::{Memory, System},
    testing::Tree,
};

const STAT: &str = "4711 (a b) c) S 17 4711 4711 0 -1 4194560 98 0 0 0 0 0 0 0 20 0 1 0 250 3133440 359 \
                    18446744073709551615 0 0 0";
const STATUS: &str = "Name:\ta\nPPid:\t17\nUid:\t1000\t1000\t1000\t1000\nVmSize:\t    3060 kB\nVmRSS:\t    1612 kB\n";
const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nbroken\norders:x:1000:1000::/:/bin/false\n";

fn json(source: &Source, now: SystemTime) -> serde_json::Value {
    let object = Process::detect(source).object(source, now).to_string();
    serde_json::from_str(&object).unwrap()
}

#[test]
fn reads_proc() {
    let tree = Tree::new();
    tree.write("/proc/self/stat", STAT);
    tree.write("/proc/self/status", STATUS);
    tree.write("/proc/stat", "cpu 1 2 3\nbtime 1000000000\nprocesses 4\n");
    tree.write("/etc/passwd", PASSWD);
    let mut source = tree.source();
    source.working_directory = Some(PathBuf::from("/srv/orders"));

    let start = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000_002_500);
    let text = Process::detect(&source).object(&source, start).to_string();
    let head = format!(
        r#"{{"pid":{},"parentPid":17,"owner":"orders","uptime":"PT"#,
        process::id()
    );
    assert!(text.starts_with(&head), "{text}");
    let cpus = thread::available_parallelism().unwrap();
    let tail = format!(
        concat!(
            r#","startTime":"2001-09-09T01:46:42.500Z","currentTime":"2001-09-09T01:46:42.500Z","#,
            r#""workingDirectory":"/srv/orders","cpus":{},"#,
            r#""memory":{{"resident":1650688,"virtual":3133440}}}}"#
        ),
        cpus
    );
    assert!(text.ends_with(&tail), "{text}");
}

#[test]
fn grows_older_from_the_age_at_which_it_was_seen() {
    let started = Started {
        at: SystemTime::UNIX_EPOCH,
        age: Duration::from_secs(90),
        observed: Instant::now(),
    };
    let uptime = started.uptime();
    assert!(uptime >= Duration::from_secs(90) && uptime < Duration::from_secs(100));
    let future = Started::new(SystemTime::now() + Duration::from_secs(1000));
    assert!(future.uptime() < Duration::from_secs(10));
}

#[test]
fn leaves_out_what_is_unknown() {
    let now = SystemTime::UNIX_EPOCH;
    for (name, files) in [
        ("no /proc", &[][..]),
        (
            "garbage",
            &[
                ("/proc/self/stat", "\u{0}garbage ) x y"),
                ("/proc/self/status", "Uid:\nVmRSS: many\n"),
                ("/proc/stat", "btime soon\n"),
                ("/etc/passwd", "::::\n"),
            ],
        ),
        (
            "a start that overflows",
            &[
                ("/proc/stat", "btime 18446744073709551615\n"),
                (
                    "/proc/self/status",
                    "VmRSS: 18446744073709551615 kB\nVmSize: 1 kB\n",
                ),
            ],
        ),
    ] {
        let tree = Tree::new();
        for (path, text) in files {
            tree.write(path, text);
        }
        let value = json(&tree.source(), now);
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        assert_eq!(keys, ["cpus", "currentTime", "pid"], "{name}");
    }
}

#[test]
fn refuses_a_start_in_the_future() {
    let tree = Tree::new();
    tree.write("/proc/self/stat", STAT);
    tree.write("/proc/stat", "btime 4000000000\n");
    let value = json(&tree.source(), SystemTime::UNIX_EPOCH);
    assert_eq!(value.get("startTime"), None);
    assert_eq!(value.get("uptime"), None);
}

#[test]
fn names_the_owner() {
    for (name, status, passwd, env, expected) in [
        (
            "by the password file",
            Some(STATUS),
            Some(PASSWD),
            &[("USER", "liar")][..],
            Some("orders"),
        ),
        (
            "by number",
            Some(STATUS),
            Some("root:x:0:0\n"),
            &[],
            Some("1000"),
        ),
        (
            "by number without the file",
            Some(STATUS),
            None,
            &[("USER", "liar")],
            Some("1000"),
        ),
        (
            "by the environment",
            None,
            None,
            &[("USERNAME", "jane")],
            Some("jane"),
        ),
        ("not at all", None, None, &[], None),
    ] {
        let tree = Tree::new();
        if let Some(text) = status {
            tree.write("/proc/self/status", text);
        }
        if let Some(text) = passwd {
            tree.write("/etc/passwd", text);
        }
        assert_eq!(owner(&tree.source_with(env)).as_deref(), expected, "{name}");
    }
}

#[test]
fn has_no_parent_as_the_first_process_of_a_container() {
    let tree = Tree::new();
    tree.write("/proc/self/stat", "1 (app) S 0 1 1 0");
    let value = json(&tree.source(), SystemTime::UNIX_EPOCH);
    assert_eq!(value["parentPid"], -1);
}

#[test]
fn asks_the_operating_system_where_there_is_no_proc() {
    struct Fake;

    impl System for Fake {
        fn process(&self) -> Option<SystemProcess> {
            Some(SystemProcess {
                parent_pid: Some(7),
                started: SystemTime::UNIX_EPOCH,
                memory: Memory {
                    resident_bytes: 1,
                    virtual_bytes: 2,
                },
            })
        }
    }

    let tree = Tree::new();
    let mut source = tree.source();
    source.system = Box::new(Fake);
    let value = json(&source, SystemTime::UNIX_EPOCH);
    assert_eq!(value["parentPid"], 7);
    assert_eq!(value["startTime"], "1970-01-01T00:00:00.000Z");
    assert_eq!(
        value["memory"],
        serde_json::json!({"resident": 1, "virtual": 2})
    );
}

#[cfg(target_os = "linux")]
#[test]
fn sees_this_very_process() {
    let source = Source::of_this_process();
    let value = json(&source, SystemTime::now());
    let object = value.as_object().unwrap();
    for key in [
        "pid",
        "parentPid",
        "owner",
        "uptime",
        "startTime",
        "currentTime",
        "workingDirectory",
        "cpus",
        "memory",
    ] {
        assert!(object.contains_key(key), "{key}");
    }
    let started = Process::detect(&source).started.unwrap();
    assert!(started.uptime() < Duration::from_secs(3600), "{started:?}");
}
