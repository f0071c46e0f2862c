//! What an answer has to fulfil besides its code, and how its parts are read.

use std::cell::OnceCell;

use reqwest::header::{CONTENT_ENCODING, HeaderName};
use serde_json::Value;

use super::names::refuse_duplicates;
use crate::web::Answer;

/// The words for a value that is missing.
pub(super) const NOTHING: &str = "nothing";

/// One condition on an answer.
pub(super) trait Condition: Send + Sync {
    /// Names what is looked at, such as `the body`.
    fn subject(&self) -> String;

    /// Says what is expected of that, such as ``to contain `ok` ``.
    fn expected(&self) -> String;

    /// Looks at an answer that came whole or was cut at the limit.
    ///
    /// # Errors
    /// Fails with what was found instead.
    fn look(&self, seen: &Seen<'_>) -> Result<(), String>;
}

/// An answer whose body is read as JSON at most once.
pub(super) struct Seen<'a> {
    answer: &'a Answer,
    body_limit_bytes: usize,
    json: OnceCell<Result<Value, String>>,
}

impl<'a> Seen<'a> {
    pub(super) fn new(answer: &'a Answer, body_limit_bytes: usize) -> Self {
        Self {
            answer,
            body_limit_bytes,
            json: OnceCell::new(),
        }
    }

    /// Returns the body, or why there is none that says anything.
    pub(super) fn body(&self) -> Result<&'a [u8], String> {
        if !self.answer.is_whole {
            let limit = self.body_limit_bytes;
            return Err(format!("more than {limit} bytes, which are not read"));
        }
        let encodings = self.answer.headers.get_all(CONTENT_ENCODING);
        if encodings.iter().any(|encoding| encoding != "identity") {
            return Err("an encoded body, which is not read".to_owned());
        }
        match &*self.answer.body {
            [] => Err(NOTHING.to_owned()),
            body => Ok(body),
        }
    }

    /// Returns the body as JSON. Numbers beyond the range of `f64`, more than 128 levels, and a name
    /// that stands twice in an object are no JSON here.
    pub(super) fn json(&self) -> Result<&Value, String> {
        let read = || {
            let body = self.body()?;
            refuse_duplicates(body)
                .and_then(|()| serde_json::from_slice(body))
                .map_err(|error| format!("no JSON: {error}"))
        };
        self.json.get_or_init(read).as_ref().map_err(Clone::clone)
    }
}

/// A text stands in a header, in one of them where there are several.
pub(super) struct InHeader {
    pub(super) name: HeaderName,
    pub(super) text: String,
}

impl Condition for InHeader {
    fn subject(&self) -> String {
        format!("the header `{}`", self.name)
    }

    fn expected(&self) -> String {
        format!("to contain `{}`", self.text)
    }

    fn look(&self, seen: &Seen<'_>) -> Result<(), String> {
        let values = seen.answer.headers.get_all(&self.name).iter();
        let found: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        if found.iter().any(|value| value.contains(&self.text)) {
            Ok(())
        } else if found.is_empty() {
            Err(NOTHING.to_owned())
        } else {
            Err(found.join(", "))
        }
    }
}

/// A text stands in the body, or does not.
pub(super) struct InBody {
    pub(super) text: String,
    pub(super) is_wanted: bool,
}

impl Condition for InBody {
    fn subject(&self) -> String {
        "the body".to_owned()
    }

    fn expected(&self) -> String {
        let not = if self.is_wanted { "" } else { "not " };
        format!("{not}to contain `{}`", self.text)
    }

    fn look(&self, seen: &Seen<'_>) -> Result<(), String> {
        let body = seen.body()?;
        let text = self.text.as_bytes();
        let is_there = text.is_empty() || body.windows(text.len()).any(|part| part == text);
        if is_there == self.is_wanted {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(body).into_owned())
        }
    }
}
