//! Expected codes, as they are shown.

use std::{collections::BTreeSet, fmt};

/// Shows codes in the fewest words, such as `200-299, 304`.
pub(super) struct Ranges<'a>(pub(super) &'a BTreeSet<u16>);

impl fmt::Display for Ranges<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for &code in self.0 {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == code => *last = code,
                _ => ranges.push((code, code)),
            }
        }
        if ranges.is_empty() {
            return f.write_str("no code at all");
        }
        for (index, (first, last)) in ranges.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{first}")?;
            if first != last {
                write!(f, "-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_shown_as_ranges() {
        let cases = [
            ("range", (200..=299).collect(), "200-299"),
            ("list", vec![204, 200], "200, 204"),
            (
                "mixed",
                vec![301, 200, 201, 302, 500],
                "200-201, 301-302, 500",
            ),
            ("largest", vec![u16::MAX], "65535"),
            ("none", vec![], "no code at all"),
        ];
        for (name, codes, shown) in cases {
            let codes: BTreeSet<u16> = codes.into_iter().collect();
            assert_eq!(Ranges(&codes).to_string(), shown, "{name}");
        }
    }
}
