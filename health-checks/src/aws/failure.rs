//! Why a request to AWS was not answered as it should be.

use std::fmt;

use reqwest::StatusCode;

use super::xml;
use crate::web::{Answer, Failure};

/// How much of a server's own words is shown, in characters.
const MESSAGE_LIMIT: usize = 200;

pub(crate) enum AwsFailure {
    /// There are no keys to sign with, or they cannot be signed with.
    NotSigned(String),
    /// No answer came.
    Transport(Failure),
    /// The service refused.
    Refused {
        status: StatusCode,
        code: Option<String>,
        message: Option<String>,
    },
    /// The answer is not what the service answers.
    NotUnderstood(String),
}

impl AwsFailure {
    /// Reads what a service says in an error.
    pub(super) fn of_answer(answer: &Answer) -> Self {
        let body = String::from_utf8_lossy(&answer.body);
        let (code, message) = xml::error(&body);
        let short = |text: String| text.chars().take(MESSAGE_LIMIT).collect();
        Self::Refused {
            status: answer.status,
            code: code.map(short),
            message: message.map(short),
        }
    }

    /// Returns the code of an error that the service names, such as `AuthFailure`.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => code.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for AwsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned(reason) => f.write_str(reason),
            Self::Transport(failure) => failure.fmt(f),
            Self::Refused {
                status,
                code,
                message,
            } => {
                write!(f, "answered {}", status.as_u16())?;
                if let Some(code) = code {
                    write!(f, ": {code}")?;
                }
                match message {
                    Some(message) => write!(f, ": {message}"),
                    None => Ok(()),
                }
            }
            Self::NotUnderstood(reason) => write!(f, "the answer is not understood: {reason}"),
        }
    }
}
