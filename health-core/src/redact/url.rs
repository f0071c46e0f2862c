//! URLs and DSNs with their secrets hidden.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{MASK, UserInfo, is_secret_name};

/// Holds a URL or DSN whose secrets cannot be printed: `Debug`, `Display` and details show it with
/// the password and the values of parameters with [secret names](is_secret_name) hidden, and without
/// its fragment.
///
/// Reading is tolerant: whatever follows `://` up to the last `@` counts as user information, so a
/// password that holds `@`, `:`, `/`, `#`, `?` or `[` does not leak. A text that does not begin with
/// a scheme and `://` is shown whole only when it holds no `@` and no `=`.
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

    /// Returns what is hidden of the user information: the password, or what stands in its place
    /// where there is no user name.
    pub fn expose_password(&self) -> Option<&str> {
        UserInfo::of(&self.full).map(|info| info.secret)
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
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-._:".contains(c);
    let with_scheme = url
        .split_once("://")
        .filter(|(scheme, _)| scheme.chars().all(is_of_scheme));
    let Some((scheme, rest)) = with_scheme else {
        let may_hold_secrets = url.contains(['@', '=']);
        return if may_hold_secrets { MASK } else { url }.to_owned();
    };
    let (mut shown, location) = match UserInfo::of(url) {
        Some(info) => (info.hidden(), info.after),
        None => (format!("{scheme}://"), rest),
    };
    let without_fragment = location.split('#').next().unwrap_or_default();
    push_parameters(&mut shown, without_fragment);
    shown
}

/// Adds what follows the user information; the value of a secret parameter goes on to the next `&`.
///
/// Parameters stand after `?`, or after `;` as in SQL Server's URLs.
fn push_parameters(shown: &mut String, mut rest: &str) {
    while let Some(start) = rest.find(['?', '&', ';']) {
        let (before, parameter) = rest.split_at(start + 1);
        shown.push_str(before);
        let end = parameter.find(['?', '&', ';']).unwrap_or(parameter.len());
        rest = parameter;
        if let Some((name, value)) = parameter[..end].split_once('=')
            && (is_secret_name(&percent_decode_str(name).decode_utf8_lossy())
                || UserInfo::of(value).is_some())
        {
            shown.push_str(&format!("{name}={MASK}"));
            rest = &parameter[parameter.find('&').unwrap_or(parameter.len())..];
        }
    }
    shown.push_str(rest);
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
            (
                "pass",
                "http://h/?pass=1&user=u",
                "http://h/?pass=******&user=u",
            ),
            (
                "author",
                "http://h/?author=a&keyspace=k",
                "http://h/?author=a&keyspace=k",
            ),
            (
                "value with ;",
                "http://h/?pass=1;2&x=3",
                "http://h/?pass=******&x=3",
            ),
            (
                "encoded name",
                "http://h/?p%61ss=1",
                "http://h/?p%61ss=******",
            ),
            (
                "parameters after ;",
                "jdbc:sqlserver://h:1433;user=u;password=p;x=1",
                "jdbc:sqlserver://h:1433;user=u;password=******",
            ),
            (
                "URL in a URL",
                "http://h:80/?to=http://u:p@x/&a=b",
                "http://h:80/?to=******&a=b",
            ),
            ("URL behind a DSN", "u:p@tcp(h)/d?next=http://y", "******"),
            ("URL behind a keyword", "password=p url=http://y", "******"),
            ("no authority", "file:///C:/a@b", "file:///C:/a@b"),
            (
                "user and password as parameters",
                "postgres:///d?user=u&password=p@s",
                "postgres:///d?user=u&password=******",
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
}
