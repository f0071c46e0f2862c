//! Values that cannot be printed by accident.

use std::fmt;

use serde_json::Value;

/// What stands in the place of a hidden value.
pub const MASK: &str = "******";

/// Query parameters and the like whose names contain one of these hide their values.
const SECRET_WORDS: [&str; 10] = [
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "auth",
    "signature",
    "sig",
];

/// Holds a value that `Debug`, `Display` and details show as `******`.
///
/// # Security
/// The value is reached by [`Secret::expose`] only, so a reviewer finds each use by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value itself.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl<T> From<Secret<T>> for Value {
    fn from(_: Secret<T>) -> Self {
        MASK.into()
    }
}

/// Holds a URL or DSN whose secrets cannot be printed: `Debug`, `Display` and details show it with
/// the password and the values of secret query parameters hidden, and without its fragment.
///
/// Reading is tolerant: whatever follows `://` up to the last `@` counts as user information, so a
/// password that holds `@`, `:`, `/`, `#`, `?` or `[` does not leak. A text
/// without `://` is shown whole only when it holds no `@` and no `=`.
#[derive(Clone, PartialEq, Eq)]
pub struct RedactedUrl {
    shown: String,
    full: String,
}

impl RedactedUrl {
    /// Reads a URL or DSN; any text is accepted.
    pub fn new(url: impl Into<String>) -> Self {
        let full = url.into();
        Self {
            shown: redact(&full),
            full,
        }
    }

    /// Returns the URL with its secrets.
    pub fn expose(&self) -> &str {
        &self.full
    }

    /// Returns the URL as it may be shown.
    pub fn as_str(&self) -> &str {
        &self.shown
    }
}

impl fmt::Display for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RedactedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl From<RedactedUrl> for Value {
    fn from(url: RedactedUrl) -> Self {
        url.shown.into()
    }
}

impl From<&RedactedUrl> for Value {
    fn from(url: &RedactedUrl) -> Self {
        url.shown.clone().into()
    }
}

fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.contains(['@', '=']) {
            MASK.to_owned()
        } else {
            url.to_owned()
        };
    };
    let (user_info, location) = split_user_info(scheme, rest);
    let location = location
        .split_once('#')
        .map_or(location, |(before, _)| before);
    let (path, query) = match location.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (location, None),
    };
    let mut shown = format!("{scheme}://");
    if let Some(user_info) = user_info {
        match user_info.split_once(':') {
            Some((user, _)) => shown.push_str(&format!("{user}:{MASK}@")),
            None => shown.push_str(&format!("{MASK}@")),
        }
    }
    shown.push_str(path);
    if let Some(query) = query {
        shown.push('?');
        shown.push_str(&redact_query(query));
    }
    shown
}

/// Splits at the last `@`, except where a web address shows by a plain `host[:port]` that it has no
/// user information and the `@` belongs to its path or query.
fn split_user_info<'a>(scheme: &str, rest: &'a str) -> (Option<&'a str>, &'a str) {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let is_plain = !authority.contains('@')
        && authority
            .rsplit_once(':')
            .is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit() || b == b']'));
    if scheme.starts_with("http") && is_plain {
        return (None, rest);
    }
    match rest.rsplit_once('@') {
        Some((user_info, location)) => (Some(user_info), location),
        None => (None, rest),
    }
}

fn redact_query(query: &str) -> String {
    let parameters: Vec<String> = query
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if is_secret_name(name) => format!("{name}={MASK}"),
            _ => parameter.to_owned(),
        })
        .collect();
    parameters.join("&")
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_urls_are_hidden() {
        let cases = [
            ("plain", "http://host:80/a?b=c", "http://host:80/a?b=c"),
            (
                "password",
                "postgres://u:p@h:1/d",
                "postgres://u:******@h:1/d",
            ),
            (
                "hostile password",
                "amqp://u:a@b:c/d#e?f[@h/v",
                "amqp://u:******@h/v",
            ),
            ("token as user", "https://token@h/", "https://******@h/"),
            (
                "at sign in a query",
                "http://h:80/?to=a@b",
                "http://h:80/?to=a@b",
            ),
            (
                "broken web password",
                "https://u:p/a@h/",
                "https://u:******@h/",
            ),
            (
                "query",
                "http://h/?api_key=1&x=2&Token=3",
                "http://h/?api_key=******&x=2&Token=******",
            ),
            ("fragment", "http://h/#access=1", "http://h/"),
            ("no scheme", "user:pw@host", "******"),
            ("key value DSN", "host=h password=p", "******"),
            ("host", "widget-service", "widget-service"),
        ];
        for (name, url, shown) in cases {
            let url = RedactedUrl::new(url);
            assert_eq!(url.to_string(), shown, "{name}");
            assert_eq!(format!("{url:?}"), shown, "{name}");
        }
    }

    #[test]
    fn a_secret_prints_as_the_mask() {
        let secret = Secret::new("s3cret");
        assert_eq!(format!("{secret} {secret:?}"), "****** ******");
        assert_eq!(Value::from(secret), Value::from(MASK));
    }
}
