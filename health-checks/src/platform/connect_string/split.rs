//! Splits what follows `://` into its parts.
//!
//! By the book the authority ends at the first `/`, `?` or `#`. Platforms put passwords into
//! connect strings as they are, so here the last `@` ends the user information, and everything
//! before it is part of the password. The one exception is an `@` in the value of a parameter that
//! connect strings are known to have. If this reading fails there is no second one: a guess could
//! take a piece of a password for a host, and show it.

use crate::platform::host::{self, Host, HostError};

/// Parameters whose values are known to hold an `@`; lower case.
const PARAMETERS_WITH_AT: [&str; 14] = [
    "application_name",
    "appname",
    "authmechanismproperties",
    "authsource",
    "client_name",
    "connection_name",
    "dbname",
    "fallback_application_name",
    "name",
    "options",
    "password",
    "sslmode",
    "user",
    "username",
];

/// The most question marks that are tried as the beginning of the query.
const MAX_QUERIES: usize = 32;

#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub(super) user_info: Option<&'a str>,
    pub(super) hosts: Vec<Host>,
    /// From the slash on; empty without one.
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

pub(super) fn split(rest: &str, default_port: Option<u16>) -> Result<Parts<'_>, HostError> {
    for (at, _) in rest.match_indices('?').take(MAX_QUERIES) {
        let (before, query) = (&rest[..at], &rest[at + 1..]);
        if !is_query(query) {
            continue;
        }
        if let Ok(parts) = without_query(before, default_port) {
            return Ok(Parts { query, ..parts });
        }
    }
    without_query(rest, default_port)
}

/// Tells whether a text that follows a `?` can be a query, and not the rest of a password.
fn is_query(text: &str) -> bool {
    if !text.contains('@') {
        return true;
    }
    text.split('&')
        .filter(|piece| piece.contains('@'))
        .all(|piece| {
            let name = piece.split_once('=').map(|(name, _)| name.to_lowercase());
            name.is_some_and(|name| PARAMETERS_WITH_AT.contains(&name.as_str()))
        })
}

fn without_query(text: &str, default_port: Option<u16>) -> Result<Parts<'_>, HostError> {
    let (user_info, location) = match text.rsplit_once('@') {
        Some((user_info, location)) => (Some(user_info), location),
        None => (None, text),
    };
    let location = location.split('#').next().unwrap_or(location);
    let end = location.find(['/', '?']).unwrap_or(location.len());
    let (hosts, path) = location.split_at(end);
    Ok(Parts {
        user_info,
        hosts: host::list(hosts, default_port)?,
        path,
        query: "",
    })
}
