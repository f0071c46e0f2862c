//! Conditions on the body by regular expression.

use regex::bytes::{Regex, RegexBuilder};

use super::{
    Http,
    condition::{Condition, Seen},
};
use crate::SettingError;

/// How large a regular expression may be when it is compiled, in bytes, inclusive. The time of a
/// search grows with it and with the body, and not faster.
pub const MAX_PATTERN_BYTES: usize = 1024 * 1024;

impl Http {
    /// Expects a regular expression to be found in the body; it is not anchored.
    ///
    /// The syntax is that of the crate `regex`, which has no look-around and no back-references and
    /// in return takes no longer than a time that is linear in the body.
    ///
    /// # Errors
    /// Fails for what is no regular expression, and for one larger than [`MAX_PATTERN_BYTES`].
    pub fn expect_body_matches(self, pattern: &str) -> Result<Self, SettingError> {
        let (pattern, is_wanted) = (compile(pattern)?, true);
        Ok(self.expect(Matches { pattern, is_wanted }))
    }

    /// Expects that there is a body in UTF-8 and that a regular expression is not found in it.
    ///
    /// # Errors
    /// As [`Http::expect_body_matches`].
    pub fn expect_body_without_match(self, pattern: &str) -> Result<Self, SettingError> {
        let (pattern, is_wanted) = (compile(pattern)?, false);
        Ok(self.expect(Matches { pattern, is_wanted }))
    }
}

fn compile(pattern: &str) -> Result<Regex, SettingError> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(|error| {
            // The lines before the last show the pattern and point into it.
            let error = error.to_string();
            let problem = error.lines().last().unwrap_or_default().to_owned();
            let place = format!("regular expression `{}`", pattern.escape_debug());
            SettingError::new(place, problem)
        })
}

struct Matches {
    pattern: Regex,
    is_wanted: bool,
}

impl Condition for Matches {
    fn subject(&self) -> String {
        "the body".to_owned()
    }

    fn expected(&self) -> String {
        let not = if self.is_wanted { "" } else { "not " };
        format!("{not}to match `{}`", self.pattern)
    }

    fn look(&self, seen: &Seen<'_>) -> Result<(), String> {
        let body = if self.is_wanted {
            seen.body()?
        } else {
            seen.text()?
        };
        if self.pattern.is_match(body) == self.is_wanted {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(body).into_owned())
        }
    }
}
