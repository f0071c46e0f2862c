//! The command line with its secrets hidden.
//!
//! The info endpoint is often public, so in doubt a text is hidden: showing too little of a
//! command line costs a reader a look elsewhere, showing too much costs a password. Hidden are
//!
//! - the value of an option, variable, property, header or JSON member with a
//!   [secret name](is_secret_name): `--password=x`, `-Dapi.key=x`, `TOKEN=x`, `X-Api-Key: x`,
//!   `/token:x`, `{"secret":"x"}`, and within text such as `host=h password=x`. Everything from
//!   there to the end of the argument goes, because only the program knows where the value ends;
//!   in the query of a URL only the one parameter goes;
//! - the argument after a secret name that stands alone: `--password x`, `-token x`,
//!   `set password x`. When that argument looks like an option itself, it is hidden all the same,
//!   and it counts as an option for the one after it;
//! - the password of a URL or DSN: from the first colon after the scheme to the *last* `@`, so that
//!   raw passwords with `@`, `:` or `/` in them do not show. The user name of a password stays; what
//!   stands alone in a URL goes, since it is often a token;
//! - what follows `-p`, attached or as the next argument. It often is a port, but to `mysql` and
//!   its kin a password;
//! - after `-u` and `--user` what follows the first colon;
//! - an argument that holds a PEM private key.
//!
//! A secret in an argument with an innocent name, such as a bare positional one, is not recognised.

use std::{borrow::Cow, ffi::OsString};

use crate::{MASK, is_secret_name, redact::UserInfo};

/// Most bytes of the command line that are shown, inclusive; `...` stands for the rest.
const MAX_SHOWN_BYTES: usize = 4096;

/// Options whose value is a user name, a colon and a password.
const USER_OPTIONS: [&str; 3] = ["-u", "--user", "--proxy-user"];

/// What an argument says of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Plain,
    Secret,
    UserAndPassword,
}

/// Joins the arguments with spaces, secrets hidden, cut at [`MAX_SHOWN_BYTES`].
pub(super) fn redacted(args: &[OsString]) -> String {
    let mut shown = Vec::with_capacity(args.len());
    let mut next = Next::Plain;
    for (index, arg) in args.iter().enumerate() {
        let arg = arg.to_string_lossy();
        let hidden = match next {
            Next::Plain => redacted_arg(&arg),
            Next::Secret => MASK.to_owned(),
            Next::UserAndPassword => match arg.split_once(':') {
                Some((user, _)) => format!("{user}:{MASK}"),
                None => redacted_arg(&arg),
            },
        };
        // The first argument is the program; one that was a value announces nothing unless it
        // could just as well be an option.
        let announces = index > 0 && (next == Next::Plain || arg.starts_with('-'));
        next = if announces {
            announced(&arg)
        } else {
            Next::Plain
        };
        shown.push(hidden);
    }
    cut(shown.join(" "))
}

/// Tells what kind of value the next argument is.
fn announced(arg: &str) -> Next {
    if USER_OPTIONS.contains(&arg) {
        Next::UserAndPassword
    } else if arg == "-p" || (is_lone_name(arg) && is_secret_name(arg)) {
        Next::Secret
    } else {
        Next::Plain
    }
}

/// Tells whether an argument is nothing but a name.
fn is_lone_name(arg: &str) -> bool {
    arg.chars().all(|c| is_name_char(c) || !c.is_ascii())
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn redacted_arg(arg: &str) -> String {
    if arg.contains("PRIVATE KEY-----") {
        return MASK.to_owned();
    }
    if arg.starts_with("-p") && arg.len() > 2 {
        return format!("-p{MASK}");
    }
    if gives_user(arg)
        && let Some((user, _)) = arg.split_once(':')
    {
        return format!("{user}:{MASK}");
    }
    without_secret_values(&without_user_info(arg))
}

/// Tells whether an argument is one of [`USER_OPTIONS`] with its value attached.
fn gives_user(arg: &str) -> bool {
    let long = |option| {
        arg.strip_prefix(option)
            .is_some_and(|rest| rest.starts_with('='))
    };
    arg.starts_with("-u") || USER_OPTIONS.into_iter().any(long)
}

fn without_user_info(arg: &str) -> Cow<'_, str> {
    match UserInfo::of(arg) {
        Some(info) => Cow::Owned(info.hidden() + info.after),
        None => Cow::Borrowed(arg),
    }
}

/// Hides what follows a secret name and `=` or `:`.
fn without_secret_values(arg: &str) -> String {
    let query = arg
        .find("://")
        .and_then(|scheme| Some(scheme + arg[scheme..].find(['?', '#'])?));
    let mut shown = String::with_capacity(arg.len());
    let mut from = 0;
    while let Some(found) = arg[from..].find(['=', ':']) {
        let at = from + found;
        let before = &arg[from..at];
        shown.push_str(&arg[from..=at]);
        from = at + 1;
        let value = &arg[from..];
        if !names_a_secret(before, value) {
            continue;
        }
        let blank = value.len() - value.trim_start().len();
        shown.push_str(&value[..blank]);
        shown.push_str(MASK);
        let in_query = query.is_some_and(|query| query < at);
        match value.find(['&', '#']) {
            Some(end) if in_query => from += end,
            _ => return shown,
        }
    }
    shown + &arg[from..]
}

/// Tells whether the text in front of a separator ends in a secret name, blanks and quotes aside.
///
/// The host of a URL, which may well be called `auth`, is no name when its port follows.
fn names_a_secret(before: &str, value: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t', '"', '\'']);
    let name = before
        .rsplit(|c: char| !is_name_char(c))
        .next()
        .unwrap_or_default();
    let in_front = before.strip_suffix(name).unwrap_or_default();
    let is_host = in_front.ends_with("//") || in_front.ends_with('@');
    let after_digits = value.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_port = after_digits.len() < value.len()
        && (after_digits.is_empty() || after_digits.starts_with(['/', '?', '#', ',']));
    is_secret_name(name) && !(is_host && is_port)
}

/// Cuts a text that is too long, between two characters.
fn cut(mut text: String) -> String {
    if text.len() > MAX_SHOWN_BYTES {
        text.truncate(text.floor_char_boundary(MAX_SHOWN_BYTES));
        text.push_str("...");
    }
    text
}

#[cfg(test)]
#[path = "command_line_tests.rs"]
mod tests;
