//! A JSON object whose members keep the order in which they were set.
//!
//! `serde_json::Map` sorts its keys, while the order of an info answer is part of what it promises.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

/// Members with their values as JSON text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Object {
    members: Vec<(String, String)>,
}

impl Object {
    /// Sets a member. An equal key keeps its place and gets the new value.
    pub(super) fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.set_json(key, value.into().to_string());
    }

    /// Sets a member whose value may be absent; an absent one leaves no trace.
    pub(super) fn set_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    /// Sets a member that is an object; an empty one leaves no trace.
    pub(super) fn set_object(&mut self, key: &str, value: &Object) {
        if !value.members.is_empty() {
            self.set_json(key, value.to_string());
        }
    }

    /// Sets a member to a value that is JSON text already.
    fn set_json(&mut self, key: &str, json: String) {
        match self.members.iter_mut().find(|(known, _)| known == key) {
            Some((_, value)) => *value = json,
            None => self.members.push((key.to_owned(), json)),
        }
    }
}

impl Display for Object {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for (index, (key, json)) in self.members.iter().enumerate() {
            let before = if index == 0 { '{' } else { ',' };
            write!(out, "{before}{}:{json}", Value::from(key.as_str()))?;
        }
        out.write_str(if self.members.is_empty() { "{}" } else { "}" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_replaces_in_place_and_skips_what_is_absent() {
        let mut inner = Object::default();
        inner.set("z", 1);
        inner.set("a", "quote \" and \n line");

        let mut object = Object::default();
        object.set("last key of the alphabet: z", true);
        object.set("b", 1);
        object.set("ä\"", Value::Null);
        object.set("b", "two");
        object.set_some("absent", None::<String>);
        object.set_some("present", Some("x"));
        object.set_object("empty", &Object::default());
        object.set_object("inner", &inner);

        assert_eq!(
            object.to_string(),
            r#"{"last key of the alphabet: z":true,"b":"two","ä\"":null,"present":"x","inner":{"z":1,"a":"quote \" and \n line"}}"#
        );
        assert_eq!(Object::default().to_string(), "{}");
    }
}
