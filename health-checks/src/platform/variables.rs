//! The variables themselves.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
};

/// Holds names and values. A variable that is present but empty counts as absent.
#[derive(Clone, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, String>,
    /// Names of those whose values are not UTF-8.
    not_text: BTreeSet<String>,
}

impl Variables {
    pub(super) fn of_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let mut variables = Self::default();
        for (name, value) in pairs {
            let Ok(name) = name.into().into_string() else {
                continue;
            };
            match value.into().into_string() {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    variables.values.insert(name, value);
                }
                Err(_) => {
                    variables.not_text.insert(name);
                }
            }
        }
        variables
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.values.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    pub(super) fn not_text(&self) -> impl Iterator<Item = &str> {
        self.not_text.iter().map(String::as_str)
    }
}
