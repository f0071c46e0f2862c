//! The settings that say what is expected.

use std::{sync::Arc, time::Duration};

use reqwest::header::HeaderName;
use serde_json::Value;

use super::{
    Http,
    condition::{Condition, InBody, InHeader},
    json::Holds,
};
use crate::SettingError;

impl Http {
    /// Sets the codes that count as UP: a range, a list, or ranges in a row such as
    /// `(200..300).chain([404])`; default
    /// [`DEFAULT_EXPECTED_STATUS`](crate::DEFAULT_EXPECTED_STATUS). What counts is the code behind
    /// the redirects that were followed.
    #[must_use]
    pub fn expect_status(mut self, codes: impl IntoIterator<Item = u16>) -> Self {
        self.expected = codes.into_iter().collect();
        self
    }

    /// Expects a header of the answer to contain a text, of which upper and lower case count; with an
    /// empty one, that it is there.
    ///
    /// # Errors
    /// Fails for what is no name of a header.
    pub fn expect_header(self, name: &str, text: impl Into<String>) -> Result<Self, SettingError> {
        let name = HeaderName::try_from(name).map_err(|_| {
            let place = format!("expected header `{}`", name.escape_debug());
            SettingError::new(place, "a name may hold letters, digits and `-` only")
        })?;
        let text = text.into();
        Ok(self.expect(InHeader { name, text }))
    }

    /// Expects the body to contain a text, in UTF-8; upper and lower case count.
    #[must_use]
    pub fn expect_body_contains(self, text: impl Into<String>) -> Self {
        let (text, is_wanted) = (text.into(), true);
        self.expect(InBody { text, is_wanted })
    }

    /// Expects that there is a body in UTF-8 and that it does not contain a text.
    #[must_use]
    pub fn expect_body_without(self, text: impl Into<String>) -> Self {
        let (text, is_wanted) = (text.into(), false);
        self.expect(InBody { text, is_wanted })
    }

    /// Expects the body to be JSON that holds this.
    ///
    /// Of an object, at any depth, the members that are named count and others may be there. Arrays
    /// are compared whole: the same values in the same order. Numbers are equal by value, so `1`
    /// is `1.0`, and nothing equals a value of another type.
    #[must_use]
    pub fn expect_json(self, part: impl Into<Value>) -> Self {
        self.expect(Holds(part.into()))
    }

    /// Sets the time of the whole exchange (`totalMs`), inclusive, from which on the answer is
    /// DEGRADED where it would be UP; default: none.
    ///
    /// [`Component::slow_after`](health_core::Component::slow_after) is about the log and changes
    /// no status.
    #[must_use]
    pub fn degraded_after(mut self, time: Duration) -> Self {
        self.degraded_after = Some(time);
        self
    }

    pub(super) fn expect(mut self, condition: impl Condition + 'static) -> Self {
        self.conditions.push(Arc::new(condition));
        self
    }
}
