//! Why a probe failed.

use std::{error::Error, fmt, io};

/// The longest text of the other side that is repeated, in characters.
const LONGEST_TEXT_CHARACTERS: usize = 300;

/// Says why a probe failed, in one line that is safe to print.
#[derive(Debug)]
pub struct ProbeError {
    reason: String,
    source: Option<io::Error>,
}

impl ProbeError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            source: None,
        }
    }

    pub(super) fn io(doing: impl Into<String>, source: io::Error) -> Self {
        Self {
            reason: doing.into(),
            source: Some(source),
        }
    }
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for ProbeError {}

/// Makes a text of the other side safe to print: short, and without control characters.
pub(super) fn printable(text: &str) -> String {
    let characters = text.chars().map(|character| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    });
    let mut printable: String = characters.take(LONGEST_TEXT_CHARACTERS).collect();
    if printable.len() < text.len() {
        printable.push_str("...");
    }
    printable
}
