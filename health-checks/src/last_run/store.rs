//! The file with the last runs: one line, replaced as a whole.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::history::{End, History};
use crate::SettingError;

/// More than any line that is written here.
const LONGEST_LINE_BYTES: u64 = 1024;

/// The first word, with the version of the form.
const MARK: &str = "last-run-1";

/// Stands for a run that never was.
const NONE: &str = "-";

/// How far ahead of the clock a run may lie that is believed.
const FUTURE_TOLERANCE: Duration = Duration::from_secs(60);

/// Refuses a path that can never be written.
pub(super) fn folder_exists(path: &Path) -> Result<(), SettingError> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => Path::new(""),
    };
    if path.file_name().is_some() && folder.is_dir() && !path.is_dir() {
        return Ok(());
    }
    let place = format!("file of last runs `{}`", path.display());
    let problem = "this does not name a file in a folder that exists; make the folder before";
    Err(SettingError::new(place, problem))
}

/// Reads what an earlier process wrote; a file that is not there is no error.
pub(super) fn load(path: &Path, history: &mut History) -> io::Result<()> {
    let mut text = String::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?.take(LONGEST_LINE_BYTES).read_to_string(&mut text)?,
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let [MARK, success, success_ms, failure, failure_ms, failures] = words[..] else {
        return Err(invalid("this is no file of last runs"));
    };
    let success = end(success, success_ms)?;
    let failure = end(failure, failure_ms)?;
    history.failures = failures.parse().map_err(|_| invalid("odd number"))?;
    (history.success, history.failure) = (success, failure);
    Ok(())
}

/// Replaces the file in one step, so that nobody reads half of it.
pub(super) fn save(path: &Path, history: &History) -> io::Result<()> {
    let draft = draft(path);
    let written = write(&draft, history).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        _ = fs::remove_file(&draft);
    }
    written
}

/// Writes a file that was not there: in a folder open to all nobody can put a link in its place.
fn write(draft: &Path, history: &History) -> io::Result<()> {
    _ = fs::remove_file(draft);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(draft)?;
    let (success, failure) = (words(&history.success), words(&history.failure));
    writeln!(file, "{MARK} {success} {failure} {}", history.failures)?;
    file.sync_data()
}

fn draft(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.draft", process::id()));
    path.with_file_name(name)
}

/// Writes when a run ended, in milliseconds since 1970, and how many it took.
fn words(end: &Option<End>) -> String {
    let Some(end) = end else {
        return format!("{NONE} {NONE}");
    };
    let at = end.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{} {}", at.as_millis(), end.took.as_millis())
}

fn end(at: &str, took: &str) -> io::Result<Option<End>> {
    if at == NONE {
        return Ok(None);
    }
    let millis = |word: &str| word.parse().map(Duration::from_millis);
    let (Ok(at), Ok(took)) = (millis(at), millis(took)) else {
        return Err(invalid("odd time"));
    };
    let at = UNIX_EPOCH
        .checked_add(at)
        .ok_or_else(|| invalid("odd time"))?;
    match at.duration_since(SystemTime::now()) {
        Ok(ahead) if ahead > FUTURE_TOLERANCE => Err(invalid("a run in the future")),
        _ => Ok(Some(End::then(at, took))),
    }
}

fn invalid(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_is_refused() {
        let folder = std::env::temp_dir().join(format!("health-last-run-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("runs");
        let cases = [
            ("empty", "", "this is no file of last runs"),
            (
                "another version",
                "last-run-2 - - - - 0",
                "this is no file of last runs",
            ),
            (
                "too few",
                "last-run-1 - - - -",
                "this is no file of last runs",
            ),
            ("a word", "last-run-1 x 1 - - 0", "odd time"),
            ("negative", "last-run-1 -5 1 - - 0", "odd time"),
            ("no number", "last-run-1 1 1 - - -1", "odd number"),
            (
                "far future",
                "last-run-1 99999999999999 1 - - 0",
                "a run in the future",
            ),
            (
                "beyond all clocks",
                "last-run-1 18446744073709551615 1 - - 0",
                "a run in the future",
            ),
        ];
        for (name, text, error) in cases {
            fs::write(&path, text).unwrap();
            let mut history = History::default();
            let failed = load(&path, &mut history).unwrap_err();
            assert_eq!(failed.to_string(), error, "{name}");
        }
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(load(&path, &mut History::default()).is_err(), "no text");
        fs::remove_dir_all(&folder).unwrap();
    }
}
