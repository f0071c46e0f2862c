//! Several connect strings in one variable, with commas between.

use super::{ConnectString, Dialect, MAX_CONNECT_STRING_BYTES};

/// Reads one connect string or several.
///
/// They are taken as several only where all of them have the same user and database: else the comma
/// is a part of a password.
pub(in crate::platform) fn read(
    text: &str,
    dialect: &Dialect,
) -> Result<Vec<ConnectString>, &'static str> {
    if text.len() > MAX_CONNECT_STRING_BYTES {
        return Err("it is longer than 16 KiB");
    }
    let members = split(text, dialect);
    if members.len() > 1 {
        let several: Result<Vec<_>, _> = members
            .iter()
            .map(|member| ConnectString::read_one(member, dialect))
            .collect();
        if let Ok(several) = several
            && is_of_one_service(&several)
        {
            return Ok(several);
        }
    }
    let text = text.trim_end_matches(',');
    ConnectString::read_one(text, dialect).map(|one| vec![one])
}

fn is_of_one_service(several: &[ConnectString]) -> bool {
    several
        .iter()
        .zip(several.iter().skip(1))
        .all(|(one, next)| one.user == next.user && one.database == next.database)
}

/// Splits before each scheme of the dialect that follows a comma.
fn split<'a>(text: &'a str, dialect: &Dialect) -> Vec<&'a str> {
    let mut members = Vec::new();
    let mut begin = 0;
    for (comma, _) in text.match_indices(',') {
        if begins_with_scheme(&text[comma + 1..], dialect) {
            members.push(text[begin..comma].trim());
            begin = comma + 1;
        }
    }
    members.push(text[begin..].trim().trim_end_matches(','));
    members
}

fn begins_with_scheme(text: &str, dialect: &Dialect) -> bool {
    let text = text.trim_start();
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || c == '+';
    let end = text.find(|c| !is_of_scheme(c)).unwrap_or(text.len());
    let (scheme, rest) = text.split_at(end);
    rest.starts_with("://") && dialect.usual_port(&scheme.to_lowercase()).is_some()
}
