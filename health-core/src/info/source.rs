//! Where facts about the process come from: files below a root folder, the environment, the
//! arguments, and whatever the operating system answers otherwise.
//!
//! Everything detected reads through [`Source`], so that tests give it another root folder and
//! another environment.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Most bytes that are read of any file; the rest of a longer one is ignored.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Most bytes of a one-line fact, inclusive; a longer line is garbage and counts as absent.
const MAX_LINE_BYTES: usize = 255;

/// Reads one variable of the environment.
type Env = Box<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// One place to ask for facts.
pub(super) struct Source {
    pub(super) root: PathBuf,
    pub(super) env: Env,
    pub(super) args: Vec<OsString>,
    pub(super) executable: Option<PathBuf>,
    pub(super) working_directory: Option<PathBuf>,
    pub(super) system: Box<dyn System>,
}

impl Source {
    /// Is the true source of this process.
    pub(super) fn of_this_process() -> Self {
        Self {
            root: PathBuf::from("/"),
            env: Box::new(|name| env::var_os(name)),
            args: env::args_os().collect(),
            executable: env::current_exe().ok(),
            working_directory: env::current_dir().ok(),
            system: Box::new(Native),
        }
    }

    /// Reads a file, named by its absolute path; bytes that are not UTF-8 are replaced.
    ///
    /// `None` when it is missing, unreadable or not a regular file.
    pub(super) fn file(&self, path: &str) -> Option<String> {
        let bytes = read_regular(&self.root.join(path.trim_start_matches('/'))).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Reads a file that holds one word: its first line, trimmed.
    ///
    /// `None` unless that is visible ASCII of 1 to [`MAX_LINE_BYTES`] bytes.
    pub(super) fn word(&self, path: &str) -> Option<String> {
        let text = self.file(path)?;
        let line = text.lines().next()?.trim();
        let plausible = !line.is_empty()
            && line.len() <= MAX_LINE_BYTES
            && line.bytes().all(|byte| byte.is_ascii_graphic());
        plausible.then(|| line.to_owned())
    }

    /// Reads a variable of the environment, trimmed; an empty or non-UTF-8 one counts as absent.
    pub(super) fn var(&self, name: &str) -> Option<String> {
        let value = (self.env)(name)?.into_string().ok()?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Reads the first variable of `names` that is set.
    pub(super) fn first_var(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.var(name))
    }
}

/// Reads at most [`MAX_FILE_BYTES`] of a regular file. Anything else, such as a pipe that nobody
/// writes to, is refused before it is opened because opening it could wait for ever.
pub(super) fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the operating system tells where no file does. Each answer may be absent.
pub(super) trait System: Send + Sync {
    fn host_name(&self) -> Option<String> {
        None
    }

    fn os_version(&self) -> Option<String> {
        None
    }

    fn os_description(&self) -> Option<String> {
        None
    }

    fn process(&self) -> Option<SystemProcess> {
        None
    }
}

/// This process, as the operating system sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SystemProcess {
    pub(super) parent_pid: Option<u32>,
    pub(super) started: SystemTime,
    pub(super) memory: Memory,
}

/// Memory of this process, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) resident_bytes: u64,
    pub(super) virtual_bytes: u64,
}

/// The operating system this was compiled for: answers with the feature `sysinfo`, is silent
/// without.
pub(super) struct Native;

#[cfg(not(feature = "sysinfo"))]
impl System for Native {}
