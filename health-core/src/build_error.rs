//! Everything that is wrong with a set-up, at once.

use std::{error::Error, fmt};

/// Lists why management endpoints cannot be built: every problem, each with its place and remedy.
#[derive(Debug)]
pub struct BuildError {
    problems: Vec<String>,
}

impl BuildError {
    /// Returns the problems, one sentence each.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        self.problems.iter().map(String::as_str)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the management endpoints cannot be built: ")?;
        f.write_str(&self.problems.join("; "))
    }
}

impl Error for BuildError {}

/// Collects problems while the parts are looked at.
#[derive(Default)]
pub(crate) struct Problems(Vec<String>);

impl Problems {
    pub(crate) fn add(&mut self, problem: impl Into<String>) {
        self.0.push(problem.into());
    }

    pub(crate) fn into_result(self) -> Result<(), BuildError> {
        match self.0 {
            problems if problems.is_empty() => Ok(()),
            problems => Err(BuildError { problems }),
        }
    }
}
