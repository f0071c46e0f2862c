use std::{path::PathBuf, process::Command, time::Duration};

use serde_json::{Value, json};

use super::*;

fn space(free: u64, inodes: Option<(u64, u64)>) -> Space {
    Space {
        total: 1000,
        free,
        inodes: inodes.map(|(total, free)| Inodes { total, free }),
    }
}

fn small() -> DiskSpace {
    DiskSpace::new("/p").threshold_bytes(100)
}

#[test]
fn the_larger_threshold_counts_and_is_exclusive() {
    let cases = [
        ("enough", small(), space(100, None), None),
        (
            "one byte less",
            small(),
            space(99, None),
            Some("99 bytes are free, less than 100"),
        ),
        (
            "part larger",
            small().threshold_percent(20),
            space(199, None),
            Some("199 bytes are free, less than 200"),
        ),
        (
            "part reached",
            small().threshold_percent(20),
            space(200, None),
            None,
        ),
        (
            "part smaller",
            small().threshold_percent(1),
            space(99, None),
            Some("99 bytes are free, less than 100"),
        ),
        (
            "more than there can be",
            small().threshold_percent(101),
            space(1000, None),
            Some("1000 bytes are free, less than 1010"),
        ),
        ("inodes", small(), space(500, Some((200, 2))), None),
        (
            "no inodes left",
            small(),
            space(500, Some((200, 1))),
            Some("1 inodes are free, less than 2"),
        ),
        (
            "few inodes of few",
            small(),
            space(500, Some((1, 0))),
            Some("0 inodes are free, less than 1"),
        ),
        (
            "own number of inodes",
            small().inode_threshold(50),
            space(500, Some((200, 49))),
            Some("49 inodes are free, less than 50"),
        ),
        (
            "inodes not asked for",
            small().inode_threshold_percent(0),
            space(500, Some((200, 0))),
            None,
        ),
        (
            "both",
            small(),
            space(0, Some((200, 0))),
            Some("0 bytes are free, less than 100"),
        ),
        (
            "largest",
            small().threshold_percent(255),
            space(u64::MAX, None),
            None,
        ),
    ];
    for (name, check, space, error) in cases {
        let health = check.judge(&space);
        let expected = if error.is_none() {
            Status::UP
        } else {
            Status::DOWN
        };
        assert_eq!(*health.status(), expected, "{name}");
        assert_eq!(
            health.details().get("error"),
            error.map(Value::from).as_ref(),
            "{name}"
        );
    }
    assert_eq!(small().threshold_percent(255).bytes.of(u64::MAX), u64::MAX);
}

#[test]
fn details_have_the_keys_of_spring_and_ours() {
    let keys = |health: Health| -> Vec<String> {
        health
            .details()
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    let spring = ["total", "free", "threshold", "path", "exists"];
    assert_eq!(keys(small().judge(&space(500, None))), spring);
    let ours = ["totalInodes", "freeInodes", "inodeThreshold", "error"];
    assert_eq!(
        keys(small().judge(&space(1, Some((10, 10))))),
        [&spring[..], &ours].concat()
    );
}

#[test]
fn a_missing_path_is_told_apart_from_one_that_may_not_be_seen() {
    let missing = small().tell(&io::Error::from_raw_os_error(2));
    assert_eq!(missing.details().get("exists"), Some(&json!(false)));
    let hidden = small().tell(&io::Error::from_raw_os_error(13));
    assert_eq!(hidden.details().get("exists"), None, "nobody knows");
    assert_eq!(
        hidden.details().get("error"),
        Some(&json!("Permission denied (os error 13)"))
    );
}

/// Reading a FIFO to which nobody writes blocks in the kernel, as a dead mount does.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_system_that_hangs_costs_one_thread_and_not_the_runtime() {
    let path = std::env::temp_dir().join(format!("health-hanging-{}", std::process::id()));
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    let mut check = DiskSpace::new(&path);
    check.look = |path| {
        std::fs::read(path)?;
        Ok(space(500, None))
    };
    for _ in 0..3 {
        let health = check.check().await.unwrap();
        let error = health.details().get("error").and_then(Value::as_str);
        assert!(
            error.unwrap_or_default().ends_with("ms: it hangs"),
            "{health:?}"
        );
    }
    assert_eq!(blocked_threads(), 1);
    std::fs::write(&path, "").unwrap();
    check_testing::wait_until("the thread ends", Duration::from_secs(5), || {
        blocked_threads() == 0
    });
    std::fs::remove_file(PathBuf::from(&path)).unwrap();
}

#[cfg(target_os = "linux")]
fn blocked_threads() -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let names = threads.map(|thread| std::fs::read_to_string(thread.path().join("comm")));
    names
        .flatten()
        .filter(|name| name.starts_with("health-blocking"))
        .count()
}
