//! The applications through which a question came, so that a circle of them ends.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::MAX_NAME_CHARACTERS;

/// The request header that names the applications through which a question came, origin first.
pub const TRAIL_HEADER: &str = "health-trail";

/// The response header that names the applications on whose answers an answer rests; sent only to
/// those who sent a [`TRAIL_HEADER`].
pub const VIA_HEADER: &str = "health-via";

/// Over how many hops a question travels before service dependencies are left out. Set by
/// [`Builder::max_hops`](crate::Builder::max_hops).
pub const DEFAULT_MAX_HOPS: usize = 5;

/// What a header may name at the most; a longer one counts as a question that came too far.
pub(crate) const MAX_TRAIL_NAMES: usize = 64;

/// How many names are told to people.
const MAX_SHOWN_NAMES: usize = 8;

/// How many applications an answer names at the most: more would make its header too long for those
/// who read it.
pub(crate) const MAX_VIA_NAMES: usize = 256;

const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b',').add(b'%').add(b'"');

/// Holds the names of applications in the order in which they asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trail(Vec<String>);

impl Trail {
    /// Reads a header; one that cannot be read counts as a trail beyond every cap.
    pub(crate) fn parse(header: &[u8]) -> Self {
        let unreadable = || Self(vec!["?".to_owned(); MAX_TRAIL_NAMES]);
        let Ok(text) = std::str::from_utf8(header) else {
            return unreadable();
        };
        let names = parse_names(text);
        if names.len() > MAX_TRAIL_NAMES || !names.iter().all(|name| is_name(name)) {
            return unreadable();
        }
        Self(names)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// Tells whether one of the names stands on the trail.
    pub(crate) fn meets(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.contains(name))
    }

    /// Tells whether a question along this trail ends where one along the other does: the names and
    /// their number decide, their order does not.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        fn sorted(Trail(names): &Trail) -> Vec<&String> {
            let mut names: Vec<&String> = names.iter().collect();
            names.sort_unstable();
            names
        }
        self.0.len() == other.0.len() && sorted(self) == sorted(other)
    }

    pub(crate) fn with(&self, name: &str) -> Self {
        let mut names = self.0.clone();
        names.push(name.to_owned());
        Self(names)
    }

    pub(crate) fn to_header(&self) -> String {
        format_names(self.0.iter().map(String::as_str))
    }
}

/// Shows the first names: each component that is not asked tells the trail.
impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, rest) = self.0.split_at(self.0.len().min(MAX_SHOWN_NAMES));
        f.write_str(&shown.join(" -> "))?;
        match rest {
            [] => Ok(()),
            _ => f.write_str(" -> ..."),
        }
    }
}

/// Tells whether an application can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    name.chars().count() <= MAX_NAME_CHARACTERS
}

pub(crate) fn parse_names(header: &str) -> Vec<String> {
    header
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned())
        .collect()
}

pub(crate) fn format_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let escaped: Vec<String> = names
        .map(|name| utf8_percent_encode(name, ESCAPED).to_string())
        .collect();
    escaped.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_header() {
        let trail = Trail::default().with("orders").with("a, b%").with("größe");
        let header = trail.to_header();
        assert!(header.is_ascii());
        assert_eq!(Trail::parse(header.as_bytes()), trail);
        assert!(trail.meets(&["x".into(), "orders".into()]));
    }

    #[test]
    fn what_cannot_be_read_came_too_far() {
        let long = "a,".repeat(100_000);
        for (name, header) in [("bytes", &b"\xff\xfe"[..]), ("long", long.as_bytes())] {
            assert!(Trail::parse(header).len() > DEFAULT_MAX_HOPS, "{name}");
        }
        assert!(Trail::parse(b" , ,").is_empty());
    }
}
