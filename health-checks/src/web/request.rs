//! One request and what came back for it.

use std::{fmt, sync::Arc, time::Duration};

use health_core::{BUDGET_HEADER, Call, DEFAULT_DEADLINE, RedactedUrl};
use reqwest::{
    Client, Method, Response, StatusCode, Url,
    header::{
        ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
    },
};
use tokio::time::{Instant, timeout_at};

use super::{
    HttpClient, Redirects, Timings,
    failure::{Failure, Kind, is_closed_early, root_cause, was_not_sent},
    progress::Progress,
    timings::Stage,
};
use crate::{SettingError, tls};

/// How much of an answer is read at the most, in bytes, inclusive.
///
/// Four times what health-core keeps of one check
/// ([`DEFAULT_DETAILS_LIMIT_BYTES`](health_core::DEFAULT_DETAILS_LIMIT_BYTES)): an application that
/// has much to say loses its details before it counts as DOWN.
pub const DEFAULT_BODY_LIMIT_BYTES: usize = 256 * 1024;

/// By how much longer the answer is waited for than the other side was given, in percent, for the
/// way there and back. The engine still waits then, so that the reason is known and not only that
/// the deadline is over.
const BEYOND_BUDGET_PERCENT: u32 = 5;

/// Headers that everybody may see.
///
/// `Authorization` is not among them: the client leaves it out where a redirect leads to another
/// host, and sends it again where the next one stays there.
const NOT_CONFIDENTIAL: [HeaderName; 4] = [ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, USER_AGENT];

/// Holds what a check asks each time.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) client: HttpClient,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// How much of the answer is read.
    pub(crate) body_limit_bytes: usize,
    /// How long the exchange may take; unless set, what the engine grants the check.
    pub(crate) timeout: Option<Duration>,
    /// Whether it can be sent twice without harm, whatever its method says.
    pub(crate) is_idempotent: bool,
    /// Which redirects are followed, where the client is one of ours.
    pub(crate) redirects: Redirects,
}

/// Holds what was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// Whether the body ended within the limit.
    pub(crate) is_whole: bool,
    pub(crate) timings: Timings,
}

impl Request {
    pub(crate) fn get(url: Url) -> Self {
        tls::load();
        Self {
            client: HttpClient::default(),
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            body_limit_bytes: DEFAULT_BODY_LIMIT_BYTES,
            timeout: None,
            is_idempotent: false,
            redirects: Redirects::default(),
        }
    }

    /// Sets a header; the value does not show in any `Debug`.
    pub(crate) fn set_header(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        let place = format!("header `{}`", name.escape_debug());
        let Ok(name) = HeaderName::try_from(name) else {
            return Err(SettingError::new(
                place,
                "a name may hold letters, digits and `-` only",
            ));
        };
        let Ok(mut value) = HeaderValue::try_from(value) else {
            return Err(SettingError::new(
                place,
                "the value holds a control character",
            ));
        };
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }

    /// Returns the URL as it may be shown.
    pub(crate) fn shown_url(&self) -> RedactedUrl {
        RedactedUrl::new(self.url.as_str())
    }

    /// Sends the request, with more headers, and reads the answer.
    ///
    /// # Cancel safety
    /// Dropping the future closes the connection.
    pub(crate) async fn send(
        &self,
        more: impl Iterator<Item = (HeaderName, HeaderValue)>,
    ) -> Result<Answer, Failure> {
        let progress = Arc::new(Progress::new(self.redirects, self.is_confidential()));
        let failure = |kind: Kind| {
            let redirected_to = progress.redirected_to();
            let url = redirected_to.as_ref().unwrap_or(&self.url);
            Failure::new(url, kind)
                .through(self.client.proxy(url), url)
                .took(progress.timings())
        };
        let client = self.client.get().map_err(failure)?;
        let mut headers = self.headers.clone();
        headers.extend(more);

        let within = self.timeout.unwrap_or_else(patience);
        let deadline = Instant::now() + within;
        let sending = progress.watch(self.response(&client, &headers));
        let response = match timeout_at(deadline, sending).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let kind = Kind::of_request(&error, progress.stage(), self.client.has_roots());
                return Err(failure(kind));
            }
            Err(_) => {
                return Err(failure(match progress.stage() {
                    Stage::Resolving => Kind::NotResolvedWithin(within),
                    Stage::Connecting => Kind::NotConnectedWithin(within),
                    Stage::ShakingHands => Kind::NoTlsWithin(within),
                    Stage::Waiting | Stage::Reading => Kind::NoAnswerWithin(within),
                }));
            }
        };

        progress.answered();
        let status = response.status();
        let reading = timeout_at(deadline, read(response, self.body_limit_bytes));
        match reading.await {
            Ok(Ok(answer)) => Ok(Answer {
                timings: progress.timings(),
                ..answer
            }),
            Ok(Err(kind)) => Err(failure(kind).after(status)),
            Err(_) => Err(failure(Kind::NotFinishedWithin(within)).after(status)),
        }
    }

    /// Tells whether something is sent that only the host in the URL may get.
    fn is_confidential(&self) -> bool {
        let mut names = self.headers.keys();
        !self.body.is_empty()
            || !self.url.username().is_empty()
            || self.url.password().is_some()
            || names.any(|name| !NOT_CONFIDENTIAL.contains(name))
    }

    /// Asks a second time where that is safe and the connection was closed at once: it was most
    /// likely a kept one that the other side gave up at that moment.
    async fn response(&self, client: &Client, headers: &HeaderMap) -> reqwest::Result<Response> {
        let send = || {
            let mut request = client
                .request(self.method.clone(), self.url.clone())
                .headers(headers.clone());
            if !self.body.is_empty() {
                request = request.body(self.body.clone());
            }
            request.send()
        };
        let is_repeatable = self.is_idempotent || self.method.is_safe();
        match send().await {
            Err(error) if was_not_sent(&error) || (is_repeatable && is_closed_early(&error)) => {
                send().await
            }
            result => result,
        }
    }
}

/// Shows no header and no secret of the URL.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.shown_url())
    }
}

async fn read(mut response: Response, limit_bytes: usize) -> Result<Answer, Kind> {
    let broke_off = |error: reqwest::Error| Kind::BrokeOff(root_cause(&error));
    let mut body = Vec::new();
    let mut is_whole = true;
    while let Some(chunk) = response.chunk().await.map_err(broke_off)? {
        if body.len() + chunk.len() > limit_bytes {
            is_whole = false;
            break;
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body,
        is_whole,
        timings: Timings::default(),
    })
}

/// Returns how long an exchange may take: a little less than the engine waits for the check.
fn patience() -> Duration {
    let call = Call::current();
    let mut headers = call.iter().flat_map(Call::headers);
    let budget = headers
        .find(|(name, _)| name == BUDGET_HEADER)
        .and_then(|(_, value)| value.to_str().ok()?.parse().ok())
        .map(Duration::from_millis);
    match budget {
        Some(budget) => budget + budget * BEYOND_BUDGET_PERCENT / 100,
        None => DEFAULT_DEADLINE,
    }
}
