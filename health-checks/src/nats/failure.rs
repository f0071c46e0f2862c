//! Why a server did not answer, or not as expected.

use std::{error::Error, fmt};

use crate::patience::OutOfPatience;

/// The longest text of a server that is repeated, in bytes.
const MAX_TEXT_BYTES: usize = 200;

/// Says why there is no answer that can be used.
#[derive(Debug)]
pub(super) struct Failure {
    text: String,
    is_lost_connection: bool,
}

impl Failure {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_lost_connection: false,
        }
    }

    /// Says that the connection ended while something was asked on it.
    pub(super) fn lost(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_lost_connection: true,
        }
    }

    pub(super) fn is_lost_connection(&self) -> bool {
        self.is_lost_connection
    }

    /// Adds what the server complained of, which may be the reason.
    pub(super) fn after(mut self, complaint: Option<String>) -> Self {
        if let Some(complaint) = complaint {
            self.text = format!("{}; the server said: {complaint}", self.text);
        }
        self
    }
}

impl From<OutOfPatience> for Failure {
    fn from(error: OutOfPatience) -> Self {
        Self::new(error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for Failure {}

/// Returns a text of the server in one line that is not too long.
pub(super) fn cut(text: impl fmt::Display) -> String {
    let mut text = text.to_string();
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text.replace(char::is_control, " ")
}
