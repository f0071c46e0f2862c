//! Presence, age, size and writability of a file or folder.

mod look;
mod newest;

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use health_core::{Check, CheckResult, Health, Scope, Status, async_trait, info::rfc3339};

use self::{
    look::{Found, Problem, look},
    newest::newest,
};
use crate::flight::Flight;

/// How far ahead of the clock a file may have been changed before its age is not believed.
pub const FILE_FUTURE_TOLERANCE: Duration = Duration::from_secs(60);

/// The most entries of a folder that are looked at for the newest one; see [`File::newest_in`].
pub const MAX_FOLDER_ENTRIES: usize = 100_000;

/// Checks that a file exists, and if asked for that it is young, large or small enough and can be
/// written.
///
/// Details: `path`, `exists`, `kind` (`file`, `folder` or `other`), `sizeBytes` (of a file),
/// `modified`, `ageSeconds`, `error` when DOWN. A file that is not there is told apart from one that
/// may not be seen: then `exists` is absent. Symbolic links are followed.
///
/// It is looked at on a thread of its own, just within the deadline of the component; a file system
/// that hangs holds that one thread until it answers.
///
/// ```
/// use std::time::Duration;
///
/// use health_checks::{File, FileKind};
///
/// let spool = File::new("/var/spool/orders").kind(FileKind::Folder).writable();
/// let backup = File::newest_in("/backup").name_ends_with(".dump")
///     .max_age(Duration::from_hours(25))
///     .min_size_bytes(1024);
/// ```
#[must_use = "a check does nothing until it is registered"]
pub struct File {
    wanted: Wanted,
    flight: Flight<Result<Found, Problem>>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

#[derive(Clone, Debug, Default)]
struct Wanted {
    path: PathBuf,
    /// Looks for a file in the folder and not at the folder itself.
    newest: bool,
    prefix: String,
    suffix: String,
    kind: Option<FileKind>,
    max_age: Option<Duration>,
    min_size: Option<u64>,
    max_size: Option<u64>,
    writable: bool,
}

impl File {
    /// Makes a check that a file or folder exists; a relative path is one of the working folder of
    /// this moment.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        Self {
            wanted: Wanted {
                path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
                ..Wanted::default()
            },
            flight: Flight::new(),
        }
    }

    /// Makes a check of the regular file in a folder that was changed last, such as a backup. A
    /// folder without any is DOWN, as is one with more than [`MAX_FOLDER_ENTRIES`].
    pub fn newest_in(folder: impl AsRef<Path>) -> Self {
        let mut check = Self::new(folder);
        check.wanted.newest = true;
        check
    }

    /// Leaves out, of the files in a folder, those whose names do not begin so.
    pub fn name_starts_with(mut self, prefix: impl Into<String>) -> Self {
        self.wanted.prefix = prefix.into();
        self
    }

    /// Leaves out, of the files in a folder, those whose names do not end so.
    pub fn name_ends_with(mut self, suffix: impl Into<String>) -> Self {
        self.wanted.suffix = suffix.into();
        self
    }

    /// Sets what it has to be; by default anything.
    pub fn kind(mut self, kind: FileKind) -> Self {
        self.wanted.kind = Some(kind);
        self
    }

    /// Sets the time since the last change above which (exclusive) it is DOWN; by default any. A
    /// file that was changed later than now by more than [`FILE_FUTURE_TOLERANCE`] is DOWN then: it
    /// would stay young for ever.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.wanted.max_age = Some(age);
        self
    }

    /// Sets the size in bytes below which (exclusive) a file is DOWN; by default any.
    pub fn min_size_bytes(mut self, bytes: u64) -> Self {
        self.wanted.min_size = Some(bytes);
        self
    }

    /// Sets the size in bytes above which (exclusive) a file is DOWN; by default any.
    pub fn max_size_bytes(mut self, bytes: u64) -> Self {
        self.wanted.max_size = Some(bytes);
        self
    }

    /// Asks for proof that it can be written: a regular file is opened for appending and nothing is
    /// written, in a folder an empty file is made and removed. That shows permissions and a file
    /// system mounted for reading only, but not a full one: for that there is a check of disk space.
    pub fn writable(mut self) -> Self {
        self.wanted.writable = true;
        self
    }
}

#[async_trait]
impl Check for File {
    async fn check(&self) -> CheckResult {
        let wanted = self.wanted.clone();
        let looked = self.flight.run(move || {
            let path = if wanted.newest {
                newest(&wanted)?
            } else {
                wanted.path.clone()
            };
            look(&wanted, path)
        });
        Ok(match looked.await {
            Ok(looked) => match looked.as_ref() {
                Ok(found) => tell(found),
                Err(problem) => Health::down()
                    .detail("path", problem.path.display().to_string())
                    .detail("exists", problem.is_missing.then_some(false))
                    .detail("error", problem.text.as_str()),
            },
            Err(none) => Health::down()
                .detail("path", self.wanted.path.display().to_string())
                .error(none),
        })
    }

    fn scope(&self) -> Scope {
        Scope::Local
    }
}

fn tell(found: &Found) -> Health {
    let status = if found.error.is_none() {
        Status::UP
    } else {
        Status::DOWN
    };
    let kind = match found.kind {
        Some(FileKind::File) => "file",
        Some(FileKind::Folder) => "folder",
        None => "other",
    };
    let size = (found.kind == Some(FileKind::File)).then_some(found.size);
    let age = found.age().map(|age| age.as_millis() as f64 / 1000.0);
    Health::new(status)
        .detail("path", found.path.display().to_string())
        .detail("exists", true)
        .detail("kind", kind)
        .detail("sizeBytes", size)
        .detail("modified", found.modified.map(rfc3339))
        .detail("ageSeconds", age)
        .detail("error", found.error.as_deref())
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("File").field(&self.wanted).finish()
    }
}
