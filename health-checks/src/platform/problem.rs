//! What could not be read, and what was left aside.

use std::{borrow::Cow, fmt};

/// Names a variable that could not be read, and says why.
///
/// # Security
/// The reason never holds the value or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    variable: String,
    reason: Cow<'static, str>,
}

impl Problem {
    pub(super) fn new(variable: impl Into<String>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            variable: variable.into(),
            reason: reason.into(),
        }
    }

    /// Returns the name of the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Returns why it could not be read, and what it should hold.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

impl std::error::Error for Problem {}

/// Names a variable that looks like one of the platform's but has no effect, and says why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ignored {
    variable: String,
    reason: Cow<'static, str>,
}

impl Ignored {
    pub(super) fn new(variable: impl Into<String>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            variable: variable.into(),
            reason: reason.into(),
        }
    }

    /// Returns the name of the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// Returns why it has no effect.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
