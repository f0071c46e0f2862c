//! Looks at one file or folder.

use std::{
    fs::{self, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use super::{FILE_FUTURE_TOLERANCE, FileKind, Wanted};

/// Something is there.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) kind: Option<FileKind>,
    pub(super) size: u64,
    /// None where the file system does not tell.
    pub(super) modified: Option<SystemTime>,
    looked_at: SystemTime,
    /// Why it is not as it should be.
    pub(super) error: Option<String>,
}

/// It could not be looked at.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: PathBuf,
    pub(super) is_missing: bool,
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(path: &Path, error: &io::Error) -> Self {
        let is_missing = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        );
        let target = fs::read_link(path).ok().filter(|_| is_missing);
        let text = match target {
            Some(target) => format!("a link to `{}`, which is not there", target.display()),
            None => error.to_string(),
        };
        Self {
            path: path.to_owned(),
            is_missing,
            text,
        }
    }
}

pub(super) fn look(wanted: &Wanted, path: PathBuf) -> Result<Found, Problem> {
    let metadata = fs::metadata(&path).map_err(|error| Problem::new(&path, &error))?;
    let mut found = Found {
        kind: kind(&metadata),
        size: metadata.len(),
        modified: metadata.modified().ok(),
        looked_at: SystemTime::now(),
        path,
        error: None,
    };
    found.error = found
        .wrong_kind(wanted)
        .or_else(|| found.wrong_size(wanted))
        .or_else(|| found.wrong_age(wanted))
        .or_else(|| found.not_writable(wanted));
    Ok(found)
}

fn kind(metadata: &Metadata) -> Option<FileKind> {
    if metadata.is_file() {
        Some(FileKind::File)
    } else if metadata.is_dir() {
        Some(FileKind::Folder)
    } else {
        None
    }
}

impl Found {
    /// Returns the time since the last change; nothing where the file is of the future.
    pub(super) fn age(&self) -> Option<Duration> {
        self.looked_at.duration_since(self.modified?).ok()
    }

    fn wrong_kind(&self, wanted: &Wanted) -> Option<String> {
        let has_size = wanted.min_size.or(wanted.max_size).is_some();
        let kind = wanted.kind.or(has_size.then_some(FileKind::File))?;
        let name = match kind {
            FileKind::File => "regular file",
            FileKind::Folder => "folder",
        };
        (self.kind != Some(kind)).then(|| format!("this is no {name}"))
    }

    fn wrong_size(&self, wanted: &Wanted) -> Option<String> {
        let size = self.size;
        let too_small = wanted.min_size.filter(|&min| size < min);
        let too_large = wanted.max_size.filter(|&max| size > max);
        too_small
            .map(|min| format!("{size} bytes, less than {min}"))
            .or_else(|| too_large.map(|max| format!("{size} bytes, more than {max}")))
    }

    fn wrong_age(&self, wanted: &Wanted) -> Option<String> {
        let max = wanted.max_age?;
        let Some(modified) = self.modified else {
            return Some("the file system does not tell when it was changed".to_owned());
        };
        match self.looked_at.duration_since(modified) {
            Ok(age) if age <= max => None,
            Ok(age) => Some(format!(
                "last changed {:.1} s ago, more than {:.1} s",
                age.as_secs_f64(),
                max.as_secs_f64()
            )),
            Err(ahead) if ahead.duration() <= FILE_FUTURE_TOLERANCE => None,
            Err(ahead) => Some(format!(
                "changed {:.1} s in the future: a clock is wrong",
                ahead.duration().as_secs_f64()
            )),
        }
    }

    /// Opening anything but a regular file may do something or block, so that is not tried.
    fn not_writable(&self, wanted: &Wanted) -> Option<String> {
        if !wanted.writable {
            return None;
        }
        let written = match self.kind {
            Some(FileKind::File) => OpenOptions::new().append(true).open(&self.path).map(drop),
            Some(FileKind::Folder) => make_and_remove(&self.path),
            None => return Some("only files and folders can be tried for writing".to_owned()),
        };
        written.err().map(|error| format!("not writable: {error}"))
    }
}

/// Makes an empty file of a name that was not there.
fn make_and_remove(folder: &Path) -> io::Result<()> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!(".health-{}-{number}", process::id()));
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {} // one may be left over from a process of the same id that was killed
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(&path)
}
