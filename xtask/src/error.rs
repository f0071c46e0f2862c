//! What can stop a command, each with what to do about it.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::{error, fmt, io};

#[derive(Debug)]
pub(crate) enum Error {
    /// The command line is wrong; the text says what would be right.
    Usage(String),
    /// A program could not be started at all.
    Start { command: String, source: io::Error },
    /// A program ran and failed; what it printed says why.
    Failed {
        command: String,
        status: ExitStatus,
        remedy: Option<&'static str>,
    },
    /// Programs that the tests need are not there and cannot be installed from here.
    Missing { programs: String, command: String },
    /// A file or folder could not be read, written or removed.
    File { path: PathBuf, source: io::Error },
    /// `cargo metadata` gave something that is not JSON.
    Metadata(serde_json::Error),
    /// `cargo metadata` gave JSON without what is needed.
    MetadataLacks(String),
    /// The workspace has no member of this kind or name.
    NoMember(String),
    /// A gate found problems; all of them are listed.
    Problems {
        found_by: &'static str,
        problems: Vec<String>,
    },
    /// A step of `cargo xtask ci` failed.
    Step {
        name: &'static str,
        source: Box<Error>,
    },
}

impl Error {
    /// Wraps an I/O error of the file or folder at `path`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Start { command, .. } => {
                write!(
                    f,
                    "cannot start `{command}`; is a Rust toolchain installed?"
                )
            }
            Self::Failed {
                command,
                status,
                remedy,
            } => {
                write!(f, "`{command}` failed ({status}), its output is above")?;
                match remedy {
                    Some(remedy) => write!(f, "; {remedy}"),
                    None => Ok(()),
                }
            }
            Self::Missing { programs, command } => write!(
                f,
                "the tests need {programs}; on Debian and Ubuntu: {command}"
            ),
            Self::File { path, .. } => write!(f, "cannot access {}", path.display()),
            Self::Metadata(_) => f.write_str("cannot read the answer of `cargo metadata`"),
            Self::MetadataLacks(what) => {
                write!(
                    f,
                    "the answer of `cargo metadata` has no {what}; is cargo older than `rust-version`?"
                )
            }
            Self::NoMember(what) => {
                write!(
                    f,
                    "the workspace has no {what}; is it in `members` of the root Cargo.toml?"
                )
            }
            Self::Problems { found_by, problems } => {
                write!(f, "{found_by} found {} problem(s)", problems.len())?;
                problems
                    .iter()
                    .try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
            Self::Step { name, .. } => {
                write!(
                    f,
                    "step `{name}` failed; `cargo xtask {name}` repeats it alone"
                )
            }
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Start { source, .. } | Self::File { source, .. } => Some(source),
            Self::Metadata(source) => Some(source),
            Self::Step { source, .. } => Some(source.as_ref()),
            Self::Usage(_)
            | Self::Missing { .. }
            | Self::Failed { .. }
            | Self::MetadataLacks(_)
            | Self::NoMember(_)
            | Self::Problems { .. } => None,
        }
    }
}
