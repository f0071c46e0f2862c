//! The file: one line, replaced as a whole.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process,
    time::SystemTime,
};

use crate::info::rfc3339;

/// More than any line that is written here; a longer file is somebody else's.
const LONGEST_LINE_BYTES: u64 = 1024;

/// Follows the status of a group that is not well.
const FAILS: &str = "fails";

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) at: SystemTime,
    pub(crate) status: String,
    pub(crate) is_well: bool,
}

/// Replaces the file in one step, so that no reader sees half of it, and makes it as old as said.
pub(super) fn write(path: &Path, line: &Line, modified: SystemTime) -> io::Result<()> {
    let draft = draft(path);
    let written = write_draft(&draft, line, modified).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        _ = fs::remove_file(&draft);
    }
    written
}

/// Writes a file that was not there: in a folder open to all, such as `/tmp`, nobody can put a link
/// to another file in its place.
fn write_draft(draft: &Path, line: &Line, modified: SystemTime) -> io::Result<()> {
    // One may be left over from a process of the same id that was killed.
    _ = fs::remove_file(draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(draft)?;
    let Line {
        at,
        status,
        is_well,
    } = line;
    let mark = if *is_well {
        String::new()
    } else {
        format!(" {FAILS}")
    };
    writeln!(file, "{} {status}{mark}", rfc3339(*at))?;
    file.set_modified(modified)
}

fn draft(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.draft", process::id()));
    path.with_file_name(name)
}

/// Refuses a path that can never be written.
pub(super) fn folder_exists(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new(""),
    };
    if path.file_name().is_some() && folder.is_dir() && !path.is_dir() {
        return Ok(());
    }
    let reason = format!(
        "`{}` does not name a file in a folder that exists",
        path.display()
    );
    Err(io::Error::new(io::ErrorKind::InvalidInput, reason))
}

/// Reads the status, whether it is good, and when the group was last well.
pub(crate) fn read(path: &Path) -> io::Result<Line> {
    let file = File::open(path)?;
    let at = file.metadata()?.modified()?;
    let mut text = String::new();
    file.take(LONGEST_LINE_BYTES).read_to_string(&mut text)?;
    let strange = || io::Error::new(io::ErrorKind::InvalidData, "not a heartbeat file");
    let words: Vec<&str> = text.split_whitespace().skip(1).collect();
    // Without its end it does not tell whether the mark stands there.
    let status = words.first().filter(|_| text.ends_with('\n'));
    Ok(Line {
        at,
        status: (*status.ok_or_else(strange)?).to_owned(),
        is_well: words.last() != Some(&FAILS),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = std::env::temp_dir().join(format!("heartbeat-file-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("health");
        let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for (status, is_well) in [("UP", true), ("DOWN", false), ("DEGRADED", true)] {
            let line = Line {
                at: SystemTime::now(),
                status: status.to_owned(),
                is_well,
            };
            write(&path, &line, then).unwrap();
            assert_eq!(
                read(&path).unwrap(),
                Line { at: then, ..line },
                "the age is as said"
            );
        }
        let files = fs::read_dir(&folder).unwrap().count();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(files, 1, "no draft is left");
    }

    #[test]
    fn a_failure_is_read_as_one_whatever_its_status_is_called() {
        let folder = std::env::temp_dir().join(format!("heartbeat-words-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("health");
        let long = "X".repeat(10_000);
        for status in ["NOT OK", "NOT\nOK", "fails", "", " ", &long] {
            let line = Line {
                at: SystemTime::now(),
                status: status.to_owned(),
                is_well: false,
            };
            write(&path, &line, line.at).unwrap();
            let is_well = read(&path).is_ok_and(|line| line.is_well);
            assert!(!is_well, "{}", status.escape_debug());
        }
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_path_that_can_never_be_written_is_refused() {
        let here = std::env::temp_dir();
        for path in [
            here.join("no-such-folder/health"),
            here,
            PathBuf::new(),
            PathBuf::from("/"),
        ] {
            assert!(folder_exists(&path).is_err(), "{}", path.display());
        }
        assert!(folder_exists(Path::new("health")).is_ok());
    }
}
