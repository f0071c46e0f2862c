//! Names of checks, from names of variables that can be anything.

use std::collections::BTreeSet;

use health_core::MAX_NAME_CHARACTERS;

use super::Kind;

/// How many characters are left for a number where a name comes twice.
const NUMBER_CHARACTERS: usize = 8;

/// Returns the name that the check of an integration would have if it were the only one.
pub(super) fn of(kind: Kind, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{kind}_{name}"),
        None => kind.to_string(),
    }
}

/// Returns a name that can be registered and is not taken yet, and takes it.
pub(super) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let is_odd = |c: char| c == '/' || c.is_control() || c.is_whitespace();
    let plain = name.chars().map(|c| if is_odd(c) { '-' } else { c });
    let plain: String = plain
        .take(MAX_NAME_CHARACTERS - NUMBER_CHARACTERS)
        .collect();
    let numbered = (2..).map(|number| format!("{plain}_{number}"));
    let mut candidates = std::iter::once(plain.clone()).chain(numbered);
    let name = candidates.find(|candidate| !taken.contains(candidate));
    let name = name.unwrap_or(plain);
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_can_be_registered() {
        let mut taken = BTreeSet::new();
        let cases = [
            ("plain", "redis", "redis"),
            ("twice", "redis", "redis_2"),
            ("three times", "redis", "redis_3"),
            ("slash", "redis_a/b", "redis_a-b"),
            ("blank and line", "redis_a\n ", "redis_a--"),
        ];
        for (case, name, expected) in cases {
            assert_eq!(unique(name, &mut taken), expected, "{case}");
        }
        for _ in 0..3 {
            let long = unique(&"x".repeat(1_000), &mut taken);
            assert!(long.chars().count() <= MAX_NAME_CHARACTERS, "{long}");
        }
    }
}
