use std::{fs::File, process::Command};

use health_checks::FileDescriptors;
use health_core::Status;

use super::*;

/// Says to the test that is run in a process of its own that it is.
const ALONE: &str = "HEALTH_TEST_ALONE";

#[tokio::test]
async fn open_descriptors_are_counted() {
    let before = ask(FileDescriptors::new()).await;
    assert_eq!(*before.status(), Status::UP, "{before:?}");
    let files: Vec<File> = (0..500).map(|_| File::open("/dev/null").unwrap()).collect();
    let after = ask(FileDescriptors::new()).await;
    let more = number(&after, "open") - number(&before, "open");
    assert!(
        (400.0..600.0).contains(&more),
        "{more}: other tests run beside"
    );
    drop(files);
    let limit = Command::new("sh")
        .args(["-c", "ulimit -n"])
        .output()
        .unwrap()
        .stdout;
    let limit = String::from_utf8(limit).unwrap();
    assert_eq!(detail(&after, "limit").to_string(), limit.trim());
    let health = ask(FileDescriptors::new().threshold_percent(0)).await;
    assert_eq!(*health.status(), Status::DOWN);
}

#[tokio::test]
async fn a_process_without_any_left_can_still_tell() {
    if std::env::var_os(ALONE).is_none() {
        let name = "descriptors::a_process_without_any_left_can_still_tell";
        let binary = std::env::current_exe().unwrap();
        let status = Command::new("sh")
            .args(["-c", "ulimit -n 64; exec \"$@\"", "sh"])
            .arg(binary)
            .args(["--exact", name])
            .env(ALONE, "1")
            .status();
        assert!(status.unwrap().success());
        return;
    }
    let check = FileDescriptors::new();
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
    }
    let health = ask(check).await;
    drop(files);
    assert_eq!(*health.status(), Status::DOWN);
    let open = number(&health, "open");
    assert!(
        open >= 64.0,
        "one that was inherited may lie beyond the limit"
    );
    let error = format!("{open} file descriptors are open, 90 % or more of 64");
    assert_eq!(detail(&health, "error"), error);
}
