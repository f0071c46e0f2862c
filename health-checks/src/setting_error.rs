//! Why a check cannot be set up.

use std::{error::Error, fmt};

/// Says which setting of a check is wrong, and what to write instead.
///
/// # Security
/// URLs in it are redacted; values of headers and of variables do not stand in it.
#[derive(Clone, PartialEq, Eq)]
pub struct SettingError {
    place: String,
    problem: String,
}

impl SettingError {
    #[allow(dead_code, reason = "some features have no setting that can be wrong")]
    pub(crate) fn new(place: impl fmt::Display, problem: impl Into<String>) -> Self {
        Self {
            place: place.to_string(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, problem } = self;
        write!(f, "{place}: {problem}")
    }
}

/// Shows the text, since `main` prints an error that it returns in this way.
impl fmt::Debug for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for SettingError {}
