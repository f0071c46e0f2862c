use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use check_testing::Folder;
use health_checks::LastRun;

use super::*;

#[tokio::test]
async fn a_process_that_was_restarted_knows_of_the_last_runs() {
    let folder = Folder::new("last-run");
    let file = folder.file("runs");
    let (check, runs) = LastRun::new(60 * SECOND);
    let check = check.file(&file).unwrap();
    assert_told(&ask(&check).await, Status::UNKNOWN, "");
    runs.begin().succeeded();
    runs.begin().failed("a reason\nwith lines");
    let before = ask(&check).await;
    drop((check, runs));

    let (check, runs) = LastRun::new(60 * SECOND);
    let check = check.file(&file).unwrap();
    let health = ask(&check).await;
    assert_told(&health, Status::UP, "");
    for key in [
        "lastSuccess",
        "lastFailure",
        "lastSuccessMs",
        "consecutiveFailures",
    ] {
        assert_eq!(detail(&health, key), detail(&before, key), "{key}");
    }
    for _ in 0..2 {
        runs.begin().failed("");
    }
    assert_told(&ask(&check).await, Status::DOWN, "the last 3 runs failed");
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 1, "no draft is left");
}

#[tokio::test]
async fn the_age_counts_while_no_process_runs() {
    let folder = Folder::new("last-run");
    let then = SystemTime::now() - 3600 * SECOND;
    let then = then.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let file = folder.write("runs", &format!("last-run-1 {then} 5 - - 0\n"));
    for (max, status) in [(3700, Status::UP), (3500, Status::DOWN)] {
        let (check, _runs) = LastRun::new(max * SECOND);
        let health = ask(&check.file(&file).unwrap()).await;
        assert_eq!(*health.status(), status, "{health:?}");
        assert!((3600..3610).contains(&detail(&health, "ageSeconds").as_u64().unwrap()));
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told() {
    let folder = Folder::new("last-run");
    let file = folder.write("runs", "nonsense");
    let (check, runs) = LastRun::new(60 * SECOND);
    let check = check.file(&file).unwrap();
    let health = ask(&check).await;
    let error = "cannot be read: this is no file of last runs";
    assert_eq!(detail(&health, "fileError"), error);
    assert_told(&health, Status::UNKNOWN, "");

    runs.begin().succeeded();
    let health = ask(&check).await;
    assert_eq!(detail(&health, "fileError"), Value::Null, "replaced");
    assert_told(&health, Status::UP, "");

    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    runs.begin().succeeded();
    let health = ask(&check).await;
    let error = detail(&health, "fileError");
    assert!(
        error.as_str().unwrap().starts_with("cannot be written: "),
        "{error}"
    );
    assert_told(&health, Status::UP, "");
}

#[test]
fn a_path_that_can_never_be_written_is_refused() {
    for path in ["/no/such/folder/runs", "/tmp", "", "/"] {
        let (check, _runs) = LastRun::new(SECOND);
        let error = check.file(path).unwrap_err().to_string();
        let expected = format!(
            "file of last runs `{path}`: this does not name a file in a folder that exists; make the folder before"
        );
        assert_eq!(error, expected);
    }
}
