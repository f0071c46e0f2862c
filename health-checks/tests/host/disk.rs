use std::{path::Path, process::Command};

use check_testing::Folder;
use health_checks::{DEFAULT_DISK_THRESHOLD_BYTES, DiskSpace};
use health_core::{Scope, Status};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_file_system_is_measured_as_df_does() {
    let folder = Folder::new("disk");
    let health = ask(DiskSpace::new(folder.path())).await;
    assert_eq!(*health.status(), Status::UP, "{health:?}");
    assert_eq!(detail(&health, "threshold"), DEFAULT_DISK_THRESHOLD_BYTES);
    assert_eq!(detail(&health, "path"), folder.path().to_str().unwrap());
    assert_eq!(detail(&health, "exists"), true);
    let df = |field: &str| {
        let df = Command::new("df")
            .args(["-B1", field])
            .arg(folder.path())
            .output()
            .unwrap();
        let printed = String::from_utf8(df.stdout).unwrap();
        printed.lines().last().unwrap().trim().parse::<f64>()
    };
    assert_eq!(df("--output=size").unwrap(), number(&health, "total"));
    if let Ok(inodes) = df("--output=itotal")
        && inodes > 0.0
    {
        assert_eq!(inodes, number(&health, "totalInodes"));
        assert!(number(&health, "freeInodes") <= inodes);
    }
    let free = number(&health, "free");
    assert!(
        (df("--output=avail").unwrap() - free).abs() < 0.2 * free,
        "others write too"
    );
}

#[tokio::test]
async fn what_is_asked_for_decides() {
    let cases = [
        (
            "all bytes",
            DiskSpace::new("/").threshold_bytes(u64::MAX),
            Status::DOWN,
        ),
        (
            "more than all",
            DiskSpace::new("/").threshold_percent(101),
            Status::DOWN,
        ),
        (
            "nothing",
            DiskSpace::new("/").threshold_bytes(0),
            Status::UP,
        ),
        (
            "no file system with a size",
            DiskSpace::new("/proc"),
            Status::DOWN,
        ),
        ("the working folder", DiskSpace::default(), Status::UP),
    ];
    for (name, check, status) in cases {
        assert_eq!(check.scope(), Scope::Local);
        let health = ask(check).await;
        assert_eq!(*health.status(), status, "{name}: {health:?}");
    }
}

#[tokio::test]
async fn a_path_that_is_not_there_is_down() {
    let folder = Folder::new("disk");
    let file = folder.write("file", "");
    for path in [
        folder.path().join("missing"),
        Path::new(&file).join("below"),
    ] {
        let health = ask(DiskSpace::new(&path)).await;
        assert_eq!(*health.status(), Status::DOWN);
        assert_eq!(detail(&health, "exists"), false, "{health:?}");
        assert_eq!(detail(&health, "total"), json!(null));
        assert!(detail(&health, "error").is_string());
    }
}
