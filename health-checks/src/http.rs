//! The plain HTTP check: a URL answers with an expected code.

use std::{collections::BTreeSet, fmt, ops::RangeInclusive};

use health_core::{Check, CheckResult, Health, RedactedUrl, Scope, async_trait};
use reqwest::{Client, Method, StatusCode};

use crate::{
    SettingError,
    web::{HttpClient, Request, parse_url},
};

/// The codes that count as UP unless [`Http::expect_status`] says others.
pub const DEFAULT_EXPECTED_STATUS: RangeInclusive<u16> = 200..=299;

/// Checks that a URL answers with an expected code, and that the answer does not break off.
///
/// Details: `url`, `status` when there is one, `error` when DOWN. To ask the management endpoint
/// of another application, take [`ServiceDependency`](crate::ServiceDependency): two applications
/// that ask each other by this check ask in a circle.
///
/// One client serves all checks of the process. It keeps connections, follows up to
/// [`MAX_REDIRECTS`](crate::MAX_REDIRECTS) on the same host, uses no proxy and keeps no cookies;
/// it trusts the certificates of the system. Its time ends just before the deadline of the
/// component ([`DEFAULT_DEADLINE`](health_core::DEFAULT_DEADLINE) outside of an engine), so that
/// the reason is known.
///
/// # Security
/// A password in the URL is sent as basic authentication. It and the values of secret query
/// parameters show nowhere, nor does any header; what stands in the path shows.
///
/// ```
/// use health_checks::Http;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = Http::new("https://example.com/status")?
///     .header("X-Api-Key", "s3cret")?
///     .expect_status([200, 204]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Http {
    request: Request,
    expected: BTreeSet<u16>,
}

impl Http {
    /// Makes a check by `GET` of a URL.
    ///
    /// # Errors
    /// Fails unless it is a URL with the scheme `http` or `https` and a host, without a fragment.
    pub fn new(url: impl AsRef<str>) -> Result<Self, SettingError> {
        let text = url.as_ref();
        let url = parse_url(text).map_err(|problem| {
            let shown = RedactedUrl::new(text);
            let place = format!("HTTP check of `{}`", shown.as_str().escape_debug());
            SettingError::new(place, problem)
        })?;
        Ok(Self {
            request: Request::get(url),
            expected: DEFAULT_EXPECTED_STATUS.collect(),
        })
    }

    /// Sets the method; default `GET`. One that changes something is not asked a second time when
    /// the server closes a kept connection at the same moment.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.request.method = method;
        self
    }

    /// Sets a header, in the place of one with the same name.
    ///
    /// # Errors
    /// Fails for what cannot stand in a header.
    pub fn header(mut self, name: &str, value: impl AsRef<str>) -> Result<Self, SettingError> {
        self.request.set_header(name, value.as_ref())?;
        Ok(self)
    }

    /// Sets the codes that count as UP: a range or a list; default [`DEFAULT_EXPECTED_STATUS`].
    /// What counts is the code behind the redirects that were followed.
    #[must_use]
    pub fn expect_status(mut self, codes: impl IntoIterator<Item = u16>) -> Self {
        self.expected = codes.into_iter().collect();
        self
    }

    /// Sets how much of the answer is read, in bytes, inclusive; default
    /// [`DEFAULT_BODY_LIMIT_BYTES`](crate::DEFAULT_BODY_LIMIT_BYTES). Of a larger one the rest is
    /// not looked at, and its connection is not kept.
    #[must_use]
    pub fn body_limit_bytes(mut self, bytes: usize) -> Self {
        self.request.body_limit_bytes = bytes;
        self
    }

    /// Asks with the application's own client: with its redirects, proxies, certificates and time
    /// limits.
    ///
    /// A connection is driven by the runtime on which it was opened: let all checks with this
    /// client run on one.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.request.client = HttpClient::Own(client);
        self
    }

    fn problem(&self, status: StatusCode) -> Option<String> {
        let status = status.as_u16();
        let expected = Ranges(&self.expected);
        (!self.expected.contains(&status))
            .then(|| format!("answered {status}, expected {expected}"))
    }
}

#[async_trait]
impl Check for Http {
    async fn check(&self) -> CheckResult {
        let (status, error) = match self.request.send(std::iter::empty()).await {
            Ok(answer) => (Some(answer.status), self.problem(answer.status)),
            Err(failure) => (failure.status, Some(failure.to_string())),
        };
        let health = if error.is_none() {
            Health::up()
        } else {
            Health::down()
        };
        Ok(health
            .detail("url", self.request.shown_url())
            .detail("status", status.map(|status| status.as_u16()))
            .detail("error", error))
    }

    fn scope(&self) -> Scope {
        Scope::External
    }
}

/// Shows the method and the redacted URL.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.request).finish()
    }
}

/// Shows codes in the fewest words, such as `200-299, 304`.
struct Ranges<'a>(&'a BTreeSet<u16>);

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

    #[test]
    fn an_error_names_the_place_and_the_remedy_and_no_secret() {
        let cases = [
            (
                Http::new("example.com").unwrap_err(),
                "HTTP check of `example.com`: there is no scheme; write `http://` or `https://` before it",
            ),
            (
                Http::new("http://u:s3cret@h:x/").unwrap_err(),
                "HTTP check of `http://u:******@h:x/`: this is no URL: invalid port number",
            ),
            (
                Http::new("http://h")
                    .unwrap()
                    .header("a b", "s3cret")
                    .unwrap_err(),
                "header `a b`: a name may hold letters, digits and `-` only",
            ),
            (
                Http::new("http://h")
                    .unwrap()
                    .header("token", "s3cret\n")
                    .unwrap_err(),
                "header `token`: the value holds a control character",
            ),
        ];
        for (error, text) in cases {
            assert_eq!(error.to_string(), text);
            assert_eq!(format!("{error:?}"), text);
        }
    }
}
