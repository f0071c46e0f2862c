//! Looks for names that stand twice in one object of JSON.

use std::{collections::HashSet, fmt};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Reads a text of JSON in which no object has a name twice.
///
/// Readers do not agree on which of the values counts, so such a text says nothing. Source: RFC
/// 8259 section 4.
///
/// # Errors
/// Fails with the first name that does, or for what is no JSON.
pub(super) fn refuse_duplicates(json: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<NothingTwice>(json).map(|_| ())
}

struct NothingTwice;

impl<'de> Deserialize<'de> for NothingTwice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = NothingTwice;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_bool<E>(self, _: bool) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_i64<E>(self, _: i64) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_u64<E>(self, _: u64) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_f64<E>(self, _: f64) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_str<E>(self, _: &str) -> Result<NothingTwice, E> {
        Ok(NothingTwice)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<NothingTwice, A::Error> {
        while items.next_element::<NothingTwice>()?.is_some() {}
        Ok(NothingTwice)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<NothingTwice, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, NothingTwice)) = members.next_entry::<String, NothingTwice>()? {
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(format_args!("`{name}` stands twice")));
            }
        }
        Ok(NothingTwice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_stand_once_in_each_object() {
        let good = [
            r#"{"a": {"a": [{"a": 1}, {"a": -1}]}, "b": 1.5, "A": null}"#,
            r#"[true, "a", "a", {}, []]"#,
            "7",
        ];
        for text in good {
            assert!(refuse_duplicates(text.as_bytes()).is_ok(), "{text}");
        }
        let bad = [
            (r#"{"a": 1, "b": 2, "a": 1}"#, "`a` stands twice"),
            (r#"{"x": [{"y": {"": 1, "": 2}}]}"#, "`` stands twice"),
            (r#"{"ab": 1, "a\u0062": 2}"#, "`ab` stands twice"),
            ("{", "EOF"),
        ];
        for (text, reason) in bad {
            let error = refuse_duplicates(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
