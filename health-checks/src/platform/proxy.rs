//! Proxies for requests that leave the platform.

use std::fmt;

use super::{
    ConnectString,
    connect_string::{Dialect, PROXY},
    reading::Reading,
};

/// Holds the proxies. Of the two spellings of each variable that in small letters counts, as it does
/// for curl; the platform gives both with the same value.
///
/// # Security
/// `Debug` shows no password, and of `no_proxy` the number of its entries only.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proxies {
    /// The proxy of requests by HTTP: `http_proxy`, `HTTP_PROXY`.
    pub http: Option<ConnectString>,
    /// The proxy of requests by HTTPS: `https_proxy`, `HTTPS_PROXY`.
    pub https: Option<ConnectString>,
    /// Hosts, domains and networks that are asked directly: `no_proxy`, `NO_PROXY`.
    pub no_proxy: Vec<String>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http)
            .field("https", &self.https)
            .field("no_proxy", &self.no_proxy.len())
            .finish()
    }
}

pub(super) fn read(reading: &mut Reading<'_>) -> Proxies {
    let no_proxy = either(reading, ["no_proxy", "NO_PROXY"]).map_or("", |(_, text)| text);
    let entries = no_proxy.split(',').map(str::trim);
    Proxies {
        http: proxy(reading, ["http_proxy", "HTTP_PROXY"], &PROXY),
        https: proxy(reading, ["https_proxy", "HTTPS_PROXY"], &PROXY),
        no_proxy: entries
            .filter(|e| !e.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

fn proxy(
    reading: &mut Reading<'_>,
    names: [&'static str; 2],
    dialect: &Dialect,
) -> Option<ConnectString> {
    let (name, text) = either(reading, names)?;
    // Common tools take a proxy without a scheme as one of HTTP.
    let read = if text.contains("://") {
        ConnectString::read(text, dialect)
    } else {
        ConnectString::read(&format!("http://{text}"), dialect)
    };
    read.map_err(|reason| reading.problem(name, reason)).ok()
}

fn either<'a>(
    reading: &mut Reading<'a>,
    names: [&'static str; 2],
) -> Option<(&'static str, &'a str)> {
    let [first, second] = names.map(|name| (name, reading.text(name)));
    [first, second]
        .into_iter()
        .find_map(|(name, text)| Some((name, text?)))
}
