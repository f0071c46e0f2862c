//! Why there was no answer, or none that can be used.

use std::{error::Error, fmt, io, time::Duration};

use reqwest::{StatusCode, Url};

use super::{Timings, timings::Stage};
use crate::tls;

/// What hyper says of such a head; it has a method for it where it serves only.
const HEAD_TOO_LARGE: &str = "message head is too large";

/// What hyper says of a server that speaks before it is asked; it has no method for it.
const SPEAKS_FIRST: &str = "received unexpected message from connection";

/// Says why an exchange failed. Shows a host and a port and nothing else of a URL.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The host and port that were asked, and the proxy before them.
    place: String,
    /// The code, where the answer had begun.
    pub(crate) status: Option<StatusCode>,
    /// What the time went to.
    pub(crate) timings: Timings,
    kind: Kind,
}

/// The ways in which an exchange fails; a `String` is the innermost cause.
#[derive(Debug)]
pub(crate) enum Kind {
    /// The client cannot be built or used.
    Client(String),
    NotResolved(String),
    NotResolvedWithin(Duration),
    Refused,
    Tls(String),
    NoTlsWithin(Duration),
    NotConnected(String),
    NotConnectedWithin(Duration),
    NoAnswerWithin(Duration),
    Redirect(String),
    ClosedEarly,
    NoHttp(String),
    HeadTooLarge,
    Other(String),
    BrokeOff(String),
    NotFinishedWithin(Duration),
    TooLarge {
        limit_bytes: usize,
    },
}

impl Failure {
    pub(crate) fn new(url: &Url, kind: Kind) -> Self {
        Self {
            place: place(url),
            status: None,
            timings: Timings::default(),
            kind,
        }
    }

    /// Says through which proxy a URL was asked, or that it was the proxy that failed.
    pub(super) fn through(mut self, proxy: Option<&Url>, url: &Url) -> Self {
        let Some(proxy) = proxy else {
            return self;
        };
        let proxy = format!("the proxy {}", place(proxy));
        let is_tunnel = url.scheme() == "https";
        self.place = if self.kind.is_of_proxy(is_tunnel) {
            proxy
        } else {
            format!("{} through {proxy}", self.place)
        };
        self
    }

    pub(super) fn took(mut self, timings: Timings) -> Self {
        self.timings = timings;
        self
    }

    /// Says that it failed after the answer had begun.
    pub(crate) fn after(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }
}

impl Kind {
    /// Reads the error of a request that brought no answer, and ended at a stage.
    pub(super) fn of_request(error: &reqwest::Error, stage: Stage, has_roots: bool) -> Self {
        if error.is_redirect() {
            Self::Redirect(root_cause(error))
        } else if error.is_dns() {
            Self::NotResolved(root_cause(error))
        } else if let Some(error) = find::<rustls::Error>(error) {
            Self::Tls(tls::cause(error, has_roots))
        } else if stage == Stage::ShakingHands && has_io(error, tls::is_closed) {
            Self::Tls(tls::CLOSED.to_owned())
        } else if has_io(error, is_refused) {
            Self::Refused
        } else if error.is_connect() {
            Self::NotConnected(root_cause(error))
        } else if is_closed_early(error) || was_not_sent(error) {
            Self::ClosedEarly
        } else if error.is_builder() {
            Self::Client(root_cause(error))
        } else if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
            match root_cause(error) {
                cause if cause == HEAD_TOO_LARGE => Self::HeadTooLarge,
                cause => Self::NoHttp(cause),
            }
        } else {
            match root_cause(error) {
                cause if cause == SPEAKS_FIRST => Self::NoHttp("it comes unasked".to_owned()),
                cause => Self::Other(cause),
            }
        }
    }

    /// Tells whether it is a proxy that is not reached, where there is one. Of a tunnel it is not known
    /// which half is missing.
    fn is_of_proxy(&self, is_tunnel: bool) -> bool {
        match self {
            Self::NotResolved(_) | Self::NotResolvedWithin(_) | Self::Refused => true,
            Self::NotConnected(_) | Self::NotConnectedWithin(_) => !is_tunnel,
            _ => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = &self.place;
        match &self.kind {
            Kind::Client(cause) => write!(f, "the HTTP client cannot be used: {cause}"),
            Kind::NotResolved(cause) => write!(f, "the name of {place} was not resolved: {cause}"),
            Kind::NotResolvedWithin(time) => {
                let time = time.as_millis();
                write!(f, "the name of {place} was not resolved within {time} ms")
            }
            Kind::Refused => write!(f, "{place} refused the connection"),
            Kind::Tls(cause) => write!(f, "TLS with {place} failed: {cause}"),
            Kind::NoTlsWithin(time) => {
                let time = time.as_millis();
                write!(f, "{place} did not agree on TLS within {time} ms")
            }
            Kind::NotConnected(cause) => write!(f, "no connection to {place}: {cause}"),
            Kind::NotConnectedWithin(time) => {
                write!(f, "no connection to {place} within {} ms", time.as_millis())
            }
            Kind::NoAnswerWithin(time) => {
                write!(f, "{place} gave no answer within {} ms", time.as_millis())
            }
            Kind::Redirect(cause) => write!(f, "a redirect was not followed: {cause}"),
            Kind::ClosedEarly => write!(f, "{place} closed the connection before it answered"),
            Kind::HeadTooLarge => write!(f, "the headers of {place} are too many or too large"),
            Kind::NoHttp(cause) => write!(f, "what {place} answered is not HTTP: {cause}"),
            Kind::Other(cause) => write!(f, "the request to {place} failed: {cause}"),
            Kind::BrokeOff(cause) => write!(f, "the answer of {place} broke off: {cause}"),
            Kind::NotFinishedWithin(time) => {
                write!(
                    f,
                    "{place} did not finish its answer within {} ms",
                    time.as_millis()
                )
            }
            Kind::TooLarge { limit_bytes } => {
                write!(
                    f,
                    "the answer of {place} is larger than {limit_bytes} bytes"
                )
            }
        }
    }
}

/// Tells whether the other side ended the connection before it answered, as happens with a kept
/// one that it gave up at the moment of the request.
pub(super) fn is_closed_early(error: &reqwest::Error) -> bool {
    !error.is_connect()
        && (find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message)
            || has_io(error, tls::is_closed))
}

/// Tells whether the connection ended before anything of the request was sent.
pub(super) fn was_not_sent(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled)
}

/// Returns the text of the innermost cause; those around it only say that there is one, and the
/// outermost would show the URL.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string)
}

fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>() {
            // Its `source` is that of the error inside, which itself would be passed over.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Tells whether there is such an error among the causes; some stand inside of others.
fn has_io(error: &(dyn Error + 'static), is_so: fn(&io::Error) -> bool) -> bool {
    let mut errors = causes(error).filter_map(<dyn Error>::downcast_ref);
    errors.any(is_so)
}

fn is_refused(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
}
