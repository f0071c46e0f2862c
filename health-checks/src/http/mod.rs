//! The plain HTTP check: a URL answers as it should.

mod auth;
mod condition;
mod expect;
mod json;
#[cfg(feature = "http-jsonpath")]
mod json_is;
#[cfg(feature = "http-jsonpath")]
mod json_path;
mod names;
#[cfg(feature = "http-regex")]
mod pattern;
mod run;
mod secrets;
mod status;

use std::{collections::BTreeSet, fmt, ops::RangeInclusive, sync::Arc, time::Duration};

use health_core::RedactedUrl;
use reqwest::{
    Client, Method,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;

use self::condition::Condition;
#[cfg(feature = "http-jsonpath")]
pub use self::json_is::{JsonIs, JsonType};
#[cfg(feature = "http-regex")]
pub use self::pattern::MAX_PATTERN_BYTES;
pub use self::run::MAX_FOUND_CHARS;
use crate::{
    SettingError, Tls,
    web::{HttpClient, Proxies, Redirects, Request, parse_url},
};

/// The codes that count as UP unless [`Http::expect_status`] says others.
pub const DEFAULT_EXPECTED_STATUS: RangeInclusive<u16> = 200..=299;

/// Checks that a URL answers with an expected code and content, whole and, where that is asked, soon
/// enough.
///
/// Details: `url`, `status` when there is one, `timings`, `failed` with the conditions that are not
/// met, `error` unless UP.
///
/// `timings` holds whole milliseconds that do not overlap: `dnsMs`, `connectMs` and `tlsMs` where a
/// connection was made, `firstByteMs` from then to the head of the answer, `bodyMs`, and `totalMs`
/// for all of it, redirects included. Through a proxy `connectMs` counts the way to it and what it
/// takes to connect. With an application's own [`client`](Http::client) the time of making a
/// connection counts as `firstByteMs`. Of each failed condition there is what was `expected` of
/// what (`condition`), and what was `found`, cut to [`MAX_FOUND_CHARS`](crate::MAX_FOUND_CHARS).
///
/// A value that is missing, a body that is cut off, and an answer that did not come never meet a
/// condition, be it that something is *not* there.
///
/// To ask the management endpoint of another application, take
/// [`ServiceDependency`](crate::ServiceDependency): two applications that ask each other by this
/// check ask in a circle.
///
/// One client serves all checks of the process that have no settings of TLS or proxies of their
/// own; each other check has one. It keeps connections, up to four to a host, follows redirects as
/// [`Redirects`] says, uses no proxy and keeps no cookies and no TLS sessions. Its time ends just
/// before the deadline of the component ([`DEFAULT_DEADLINE`](health_core::DEFAULT_DEADLINE) outside
/// of an engine), so that the reason is known.
///
/// # Security
/// A password in the URL is sent as basic authentication. It and the values of secret query
/// parameters show nowhere, nor does any header that was set, nor what a server repeats of them in
/// its answer; what stands in the path shows.
///
/// ```
/// use std::time::Duration;
///
/// use health_checks::Http;
///
/// # fn main() -> Result<(), health_checks::SettingError> {
/// let check = Http::new("https://example.com/status")?
///     .bearer_auth("s3cret".to_owned())?
///     .expect_status([200, 204])
///     .expect_json(serde_json::json!({"database": {"connected": true}}))
///     .degraded_after(Duration::from_millis(300));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Http {
    request: Request,
    expected: BTreeSet<u16>,
    conditions: Vec<Arc<dyn Condition>>,
    degraded_after: Option<Duration>,
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
            conditions: Vec::new(),
            degraded_after: None,
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

    /// Sends a body of a content type; default none. The method stays what it is.
    ///
    /// What a server repeats of a body in its answer may show in the detail `failed`.
    ///
    /// # Errors
    /// Fails for a content type that cannot stand in a header.
    pub fn body(
        mut self,
        content_type: impl AsRef<str>,
        body: impl Into<Vec<u8>>,
    ) -> Result<Self, SettingError> {
        let name = CONTENT_TYPE;
        self.request
            .set_header(name.as_str(), content_type.as_ref())?;
        self.request.body = body.into();
        Ok(self)
    }

    /// Sends JSON as the body, as [`Http::body`] does.
    #[must_use]
    pub fn json(mut self, body: impl Into<Value>) -> Self {
        let headers = &mut self.request.headers;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.request.body = body.into().to_string().into_bytes();
        self
    }

    /// Sets which redirects are followed; default [`Redirects::SameHost`].
    #[must_use]
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.request.redirects = redirects;
        self
    }

    /// Asks through the proxies that the environment names now; default: through none, because a
    /// proxy that is meant for the world outside is no way to what stands beside the application.
    ///
    /// Read are `http_proxy`, `https_proxy` and, for both, `all_proxy`, and `no_proxy` for hosts,
    /// domains and networks (CIDR) that are asked directly, or `*` for all; each also in capitals,
    /// where the one in small letters is absent or empty. User and password may stand in the proxy's
    /// URL. `HTTP_PROXY` is not read where `REQUEST_METHOD` is set (CVE-2016-5385).
    ///
    /// # Errors
    /// Fails when a variable holds no URL of a proxy that is spoken to by `http` or `https`.
    pub fn proxy_from_environment(self) -> Result<Self, SettingError> {
        Ok(self.proxies(Proxies::of_process()?))
    }

    /// Asks through these proxies.
    pub(crate) fn proxies(mut self, proxies: Proxies) -> Self {
        self.request.client.set_proxies(proxies);
        self
    }

    /// Sets whom to trust and with which certificate to come; default [`Tls::new`].
    #[must_use]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.request.client.set_tls(tls);
        self
    }

    /// Sets how much of the answer is read, in bytes, inclusive; default
    /// [`DEFAULT_BODY_LIMIT_BYTES`](crate::DEFAULT_BODY_LIMIT_BYTES). Of a larger one the rest is
    /// not looked at, and its connection is not kept; it meets no condition on a body.
    #[must_use]
    pub fn body_limit_bytes(mut self, bytes: usize) -> Self {
        self.request.body_limit_bytes = bytes;
        self
    }

    /// Asks with the application's own client: with its redirects, proxies, certificates and time
    /// limits. Of this one, [`Http::tls`] and [`Http::proxy_from_environment`] the last one counts.
    ///
    /// A connection is driven by the runtime on which it was opened: let all checks with this
    /// client run on one.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.request.client = HttpClient::Own(client);
        self
    }
}

/// Shows the method and the redacted URL.
impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.request).finish()
    }
}

#[cfg(test)]
mod tests;
