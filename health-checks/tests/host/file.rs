use std::{
    fs::{self, OpenOptions},
    os::unix::fs::{PermissionsExt, symlink},
    process::Command,
    time::{Duration, SystemTime},
};

use check_testing::Folder;
use health_checks::{File, FileKind};
use health_core::Status;

use super::*;

const HOUR: Duration = Duration::from_hours(1);

fn change(path: &str, time: SystemTime) {
    let file = OpenOptions::new().append(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

#[tokio::test]
async fn each_condition_is_asked_for() {
    let folder = Folder::new("file");
    let file = folder.write("file", "12345");
    let old = folder.write("old", "");
    let future = folder.write("future", "");
    let skewed = folder.write("skewed", "");
    let now = SystemTime::now();
    change(&old, now - 2 * HOUR);
    change(&future, now + HOUR);
    change(&skewed, now + Duration::from_secs(30));
    let link = folder.file("link");
    symlink(&file, &link).unwrap();
    let fifo = folder.file("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    let path = folder.path();
    let cases = [
        ("there", File::new(&file), ""),
        ("folder", File::new(path), ""),
        ("link", File::new(&link).kind(FileKind::File), ""),
        ("pipe", File::new(&fifo), ""),
        (
            "file wanted",
            File::new(path).kind(FileKind::File),
            "this is no regular file",
        ),
        (
            "folder wanted",
            File::new(&file).kind(FileKind::Folder),
            "this is no folder",
        ),
        (
            "size in bounds",
            File::new(&file).min_size_bytes(5).max_size_bytes(5),
            "",
        ),
        (
            "too small",
            File::new(&file).min_size_bytes(6),
            "5 bytes, less than 6",
        ),
        (
            "too large",
            File::new(&file).max_size_bytes(4),
            "5 bytes, more than 4",
        ),
        (
            "size of a folder",
            File::new(path).max_size_bytes(u64::MAX),
            "this is no regular file",
        ),
        ("young", File::new(&file).max_age(HOUR), ""),
        (
            "old",
            File::new(&old).max_age(HOUR),
            "last changed 7200.0 s ago, more than 3600.0 s",
        ),
        (
            "of the future",
            File::new(&future).max_age(HOUR),
            "changed 3600.0 s in the future: a clock is wrong",
        ),
        ("of the future, no matter", File::new(&future), ""),
        ("a little ahead", File::new(&skewed).max_age(HOUR), ""),
        ("writable", File::new(&file).writable(), ""),
        ("writable folder", File::new(path).writable(), ""),
        (
            "pipe to write to",
            File::new(&fifo).writable(),
            "only files and folders can be tried for writing",
        ),
        (
            "a program that runs",
            File::new(std::env::current_exe().unwrap()).writable(),
            "not writable: ",
        ),
        (
            "a folder of the kernel",
            File::new("/proc").writable(),
            "not writable: ",
        ),
    ];
    for (name, check, error) in cases {
        let health = ask(check).await;
        let expected = if error.is_empty() {
            Status::UP
        } else {
            Status::DOWN
        };
        assert_eq!(*health.status(), expected, "{name}: {health:?}");
        let told = detail(&health, "error");
        let told = told.as_str().unwrap_or_default();
        // The clock goes on while the test runs.
        let told = told.replace("3599.9", "3600.0").replace("7200.1", "7200.0");
        let is_as_told = told == error || error.ends_with(": ") && told.starts_with(error);
        assert!(is_as_told, "{name}: {told}");
        assert_eq!(detail(&health, "exists"), true, "{name}");
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "12345",
        "nothing was written"
    );
    let names = fs::read_dir(path).unwrap().count();
    assert_eq!(names, 6, "nothing was left");
}

#[tokio::test]
async fn what_is_missing_is_told_apart_from_what_may_not_be_seen() {
    let folder = Folder::new("file");
    let file = folder.write("file", "");
    let missing = folder.file("missing");
    let dangling = folder.file("dangling");
    symlink("/no/where", &dangling).unwrap();
    let looped = folder.file("loop");
    symlink(&looped, &looped).unwrap();
    let cases = [
        (
            missing,
            Some(false),
            "No such file or directory (os error 2)",
        ),
        (
            format!("{file}/below"),
            Some(false),
            "Not a directory (os error 20)",
        ),
        (
            dangling,
            Some(false),
            "a link to `/no/where`, which is not there",
        ),
        (
            looped,
            None,
            "Too many levels of symbolic links (os error 40)",
        ),
    ];
    for (path, exists, error) in cases {
        let health = ask(File::new(&path)).await;
        assert_eq!(*health.status(), Status::DOWN);
        assert_eq!(detail(&health, "path"), path);
        assert_eq!(
            detail(&health, "exists"),
            exists.map_or(Value::Null, Value::from),
            "{path}"
        );
        assert_eq!(detail(&health, "error"), error);
    }
}

/// Root may do all, so this asks as somebody who may not.
#[tokio::test]
async fn what_may_not_be_seen_or_written_is_told() {
    let folder = Folder::new("file");
    let closed = folder.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::write(closed.join("file"), "").unwrap();
    let read_only = folder.write("read-only", "");
    let forbid = |path: &std::path::Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    forbid(&closed, 0o000);
    forbid(read_only.as_ref(), 0o444);
    let mut seen = Vec::new();
    as_nobody(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        seen = runtime.block_on(async {
            [
                ask(File::new(closed.join("file"))).await,
                ask(File::new(&read_only).writable()).await,
            ]
            .into()
        });
    });
    forbid(&closed, 0o755);
    assert_eq!(detail(&seen[0], "exists"), Value::Null, "{seen:?}");
    assert_eq!(detail(&seen[0], "error"), "Permission denied (os error 13)");
    assert_eq!(detail(&seen[1], "exists"), true);
    assert_eq!(
        detail(&seen[1], "error"),
        "not writable: Permission denied (os error 13)"
    );
}

#[tokio::test]
async fn the_newest_file_of_a_folder_is_found() {
    let folder = Folder::new("file");
    let now = SystemTime::now();
    let newest = |check: fn(File) -> File| check(File::newest_in(folder.path()));
    let health = ask(newest(|check| check)).await;
    assert_eq!(*health.status(), Status::DOWN);
    assert_eq!(detail(&health, "error"), "no such file in the folder");
    for (name, hours) in [
        ("a-1.dump", 9),
        ("a-2.dump", 5),
        ("a-3.log", 3),
        ("b-1.dump", 2),
    ] {
        change(&folder.write(name, "x"), now - hours * HOUR);
    }
    fs::create_dir(folder.path().join("z.dump")).unwrap();
    symlink("/no/where", folder.file("y.dump")).unwrap();
    let cases: [(fn(File) -> File, &str, &str); 5] = [
        (|all| all, "b-1.dump", ""),
        (|all| all.name_starts_with("a-"), "a-3.log", ""),
        (
            |all| all.name_starts_with("a-").name_ends_with(".dump"),
            "a-2.dump",
            "",
        ),
        (
            |all| all.name_starts_with("a-").max_age(2 * HOUR),
            "a-3.log",
            "last changed 10800.",
        ),
        (
            |all| all.min_size_bytes(2),
            "b-1.dump",
            "1 bytes, less than 2",
        ),
    ];
    for (check, name, error) in cases {
        let health = ask(newest(check)).await;
        assert_eq!(detail(&health, "path"), folder.file(name));
        let told = detail(&health, "error");
        let told = told.as_str().unwrap_or_default();
        assert!(
            told.starts_with(error) && told.is_empty() == error.is_empty(),
            "{told}"
        );
    }
    let health = ask(File::newest_in(folder.file("missing"))).await;
    assert_eq!(detail(&health, "exists"), false);
    let health = ask(File::newest_in(folder.file("a-3.log"))).await;
    assert_eq!(detail(&health, "error"), "this is no folder");
    assert_eq!(detail(&health, "exists"), Value::Null, "it is there");
    let below_a_file = folder.file("a-3.log/folder");
    let health = ask(File::newest_in(below_a_file)).await;
    assert_eq!(detail(&health, "exists"), false);
}

/// Runs something without the privileges of root, on a thread of its own.
fn as_nobody(run: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            if rustix::process::geteuid().is_root() {
                let nobody = rustix::process::Uid::from_raw(65534);
                rustix::thread::set_thread_res_uid(nobody, nobody, nobody).unwrap();
            }
            run();
        });
    });
}
