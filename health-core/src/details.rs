//! The details of a component: named values in the order in which they were given.

use std::fmt;

use serde_json::Value;

/// Holds named values in insertion order; a name given twice keeps its place and takes the new value.
#[derive(Clone, Default, PartialEq)]
pub struct Details(Vec<(String, Value)>);

impl Details {
    /// Sets one value; `null` removes it, since a wire answer never holds a `null`.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        if value.is_null() {
            return self.0.retain(|(known, _)| *known != name);
        }
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Returns the value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Walks the names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Tells whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Estimates the size on the wire, in bytes, without writing it.
    pub(crate) fn size_bytes(&self) -> usize {
        self.iter()
            .map(|(name, value)| name.len() + 4 + value_size(value))
            .sum()
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

fn value_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| value_size(item) + 1).sum::<usize>() + 2,
        Value::Object(entries) => {
            entries
                .iter()
                .map(|(name, value)| name.len() + 4 + value_size(value))
                .sum::<usize>()
                + 2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_that_of_insertion_and_null_removes() {
        let mut details = Details::default();
        details.insert("b", 1);
        details.insert("a", 2);
        details.insert("b", 3);
        details.insert("c", Value::Null);
        assert_eq!(
            format!("{details:?}"),
            r#"{"b": Number(3), "a": Number(2)}"#
        );
        details.insert("b", Value::Null);
        assert_eq!(details.get("b"), None);
    }
}
