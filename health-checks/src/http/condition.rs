//! What an answer has to fulfil besides its code, and how its parts are read.

use std::cell::OnceCell;

use reqwest::header::{CONTENT_ENCODING, HeaderName, TRANSFER_ENCODING};
use serde_json::Value;

use super::names::refuse_duplicates;
use crate::web::Answer;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

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
        if self.codings().any(|coding| !coding.is_empty()) {
            return Err("an encoded body, which is not read".to_owned());
        }
        match &*self.answer.body {
            [] => Err(NOTHING.to_owned()),
            body => Ok(body),
        }
    }

    /// Returns the codings that were not undone; of those of the transfer the client knows the chunks
    /// only.
    fn codings(&self) -> impl Iterator<Item = &[u8]> {
        let headers = [
            (CONTENT_ENCODING, "identity"),
            (TRANSFER_ENCODING, "chunked"),
        ];
        headers.into_iter().flat_map(|(name, undone)| {
            let values = self.answer.headers.get_all(name).iter();
            let codings = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
            codings
                .map(<[u8]>::trim_ascii)
                .filter(|coding| !coding.eq_ignore_ascii_case(undone.as_bytes()))
        })
    }

    /// Returns the body where it can be told of it that something is *not* there: in an encoding that
    /// is not known it would not be found.
    pub(super) fn text(&self) -> Result<&'a [u8], String> {
        let body = self.body()?;
        // UTF-16 may pass for UTF-8, but for a NUL beside each letter of ASCII.
        match str::from_utf8(body) {
            Ok(text) if !text.contains('\0') => Ok(body),
            _ => Err("no text in UTF-8".to_owned()),
        }
    }

    /// Returns the body as JSON. Numbers beyond the range of `f64`, more than 128 levels, and a name
    /// that stands twice in an object are no JSON here.
    pub(super) fn json(&self) -> Result<&Value, String> {
        let read = || {
            let body = self.body()?;
            // Not allowed there and common. Source: RFC 8259 section 8.1.
            let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
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
        let body = if self.is_wanted {
            seen.body()?
        } else {
            seen.text()?
        };
        let text = self.text.as_bytes();
        let is_there = text.is_empty() || body.windows(text.len()).any(|part| part == text);
        if is_there == self.is_wanted {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(body).into_owned())
        }
    }
}
