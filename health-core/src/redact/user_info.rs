//! User information in URLs and DSNs.

use super::MASK;

/// A text, split around the user information in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UserInfo<'a> {
    before: &'a str,
    user: Option<&'a str>,
    /// The password; the whole, where there is no user before it: that is usually a token.
    pub(crate) secret: &'a str,
    /// What follows the `@`.
    pub(crate) after: &'a str,
}

impl<'a> UserInfo<'a> {
    /// Finds the user information of a URL, of a DSN such as `user:password@tcp(host)/db`, and of
    /// either behind something else, such as `URL=`.
    ///
    /// It ends at the last `@`, so that a raw password with `@`, `:` or `/` in it is found whole. A
    /// web address is read by its standard where it shows by a plain `host[:port]` that an `@`
    /// belongs to its path or query. Without `://` a name alone, as in `git@host`, is none.
    pub(crate) fn of(text: &'a str) -> Option<Self> {
        // A DSN may have a URL further on: `u:p@tcp(h)/db?next=http://...`.
        let start = match text.split_once("://") {
            Some((scheme, _)) if !scheme.contains('@') => scheme.len() + "://".len(),
            _ => 0,
        };
        let (before, rest) = text.split_at(start);
        let (user_info, after) = rest.rsplit_once('@')?;
        let has_no_authority = !before.is_empty() && rest.starts_with('/');
        if has_no_authority || is_web(before) && begins_with_plain_host(rest) {
            return None;
        }
        let (user, secret) = match user_info.split_once(':') {
            Some((user, password)) => (Some(user), password),
            None if before.is_empty() => return None,
            None => (None, user_info),
        };
        Some(Self {
            before,
            user,
            secret,
            after,
        })
    }

    /// Returns the text up to the `@`, inclusive, with the secret hidden.
    pub(crate) fn hidden(&self) -> String {
        match self.user {
            Some(user) => format!("{}{user}:{MASK}@", self.before),
            None => format!("{}{MASK}@", self.before),
        }
    }
}

fn is_web(before: &str) -> bool {
    let scheme = before.trim_end_matches("://");
    let scheme = scheme.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let is = |name: &str| scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(name));
    is("http") || is("https")
}

fn begins_with_plain_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let is_of_port = |byte: u8| byte.is_ascii_digit() || byte == b']';
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    !authority.contains('@') && port.is_none_or(|port| port.bytes().all(is_of_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_is_found_where_it_is() {
        let cases = [
            ("postgres://u:p@h/d", Some((Some("u"), "p", "h/d"))),
            ("URL=https://u:p@h", Some((Some("u"), "p", "h"))),
            ("redis://:p@h", Some((Some(""), "p", "h"))),
            (
                "amqp://u:a@b:c/d#e?f[@h/v",
                Some((Some("u"), "a@b:c/d#e?f[", "h/v")),
            ),
            ("https://u:p/a@h/", Some((Some("u"), "p/a", "h/"))),
            ("https://token@h/", Some((None, "token", "h/"))),
            ("postgres://u@h/d", Some((None, "u", "h/d"))),
            (
                "u:p@tcp(h)/d?next=http://y",
                Some((Some("u"), "p", "tcp(h)/d?next=http://y")),
            ),
            ("git@h:x", None),
            ("http://h:80/?to=a@b", None),
            ("HTTPS://[::1]:80/@scope", None),
            ("file:///home/u:x@y", None),
            ("http://h", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = UserInfo::of(text).map(|info| (info.user, info.secret, info.after));
            assert_eq!(found, expected, "{text}");
        }
    }
}
