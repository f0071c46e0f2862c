//! The plain request that every adapter can make of its framework's own.

use std::time::Duration;

use http::{HeaderMap, header};

use crate::{
    Identity,
    call::BUDGET_HEADER,
    engine::Question,
    group::Server,
    trail::{TRAIL_HEADER, Trail},
};

/// Gives the values of a header, in the order in which they came.
pub trait Headers {
    /// Calls back for each line of the header; `name` is in lower case.
    fn each(&self, name: &str, f: &mut dyn FnMut(&[u8]));
}

impl Headers for HeaderMap {
    fn each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        for value in self.get_all(name) {
            f(value.as_bytes());
        }
    }
}

/// Holds what the endpoints need of a request.
pub struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) sent_path: &'a str,
    pub(super) authority: Option<&'a str>,
    pub(super) is_below_base: bool,
    pub(super) is_secure: bool,
    pub(super) server: Server,
    pub(super) is_from_outside: bool,
    pub(super) identity: Option<&'a Identity>,
    pub(super) headers: &'a dyn Headers,
}

impl<'a> Request<'a> {
    /// Makes an anonymous request; the path is as it came, percent-encoded and without query.
    pub fn new(method: &'a str, path: &'a str, headers: &'a dyn Headers) -> Self {
        Self {
            method,
            path,
            sent_path: path,
            authority: None,
            is_below_base: false,
            is_secure: false,
            server: Server::Application,
            is_from_outside: false,
            identity: None,
            headers,
        }
    }

    /// Sets who asks.
    pub fn identity(mut self, identity: Option<&'a Identity>) -> Self {
        self.identity = identity;
        self
    }

    /// Says that the request came over TLS, for the links of the discovery page.
    pub fn secure(mut self, is_secure: bool) -> Self {
        self.is_secure = is_secure;
        self
    }

    /// Sets the path that the client sent, where the framework took a prefix off; for links.
    pub fn sent_path(mut self, path: &'a str) -> Self {
        self.sent_path = path;
        self
    }

    /// Sets the authority of the request's own URL, which HTTP/2 sends in the place of the header
    /// `Host`; for links. Source: RFC 9110 7.2.
    pub fn authority(mut self, authority: Option<&'a str>) -> Self {
        self.authority = authority;
        self
    }

    /// Sets the path below the base path, where the framework took that off: empty for the base
    /// path itself.
    pub fn below_base(mut self, path: &'a str) -> Self {
        self.path = path;
        self.is_below_base = true;
        self
    }

    /// Says on which server the request came.
    pub fn server(mut self, server: Server) -> Self {
        self.server = server;
        self
    }

    /// Says that the request is answered on a runtime that is not the application's: the checks run
    /// on that one, as far as it is known, and not where this is awaited.
    pub fn from_outside(mut self) -> Self {
        self.is_from_outside = true;
        self
    }

    pub(super) fn question(&self) -> Question {
        Question {
            trail: self
                .header(TRAIL_HEADER)
                .map(|value| Trail::parse(&value))
                .unwrap_or_default(),
            budget: self
                .header(BUDGET_HEADER)
                .and_then(|value| std::str::from_utf8(&value).ok()?.trim().parse().ok())
                .map(Duration::from_millis),
            is_from_outside: self.is_from_outside,
        }
    }

    /// Returns the host as the client named it, if it can stand in a link.
    pub(super) fn host(&self) -> Option<String> {
        let host = match self.authority {
            Some(authority) => authority.to_owned(),
            None => String::from_utf8(self.header(header::HOST.as_str())?).ok()?,
        };
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        (!host.is_empty() && host.bytes().all(is_plain)).then_some(host)
    }

    /// Tells whether all lines of a header are as wanted; there may be none.
    pub(super) fn all(&self, name: &str, is_wanted: impl Fn(&[u8]) -> bool) -> bool {
        let mut all = true;
        self.headers
            .each(name, &mut |value| all &= is_wanted(value));
        all
    }

    /// Returns the lines of a header, joined by commas.
    pub(super) fn header(&self, name: &str) -> Option<Vec<u8>> {
        let mut joined: Option<Vec<u8>> = None;
        self.headers.each(name, &mut |value| match &mut joined {
            Some(joined) => {
                joined.push(b',');
                joined.extend_from_slice(value);
            }
            None => joined = Some(value.to_vec()),
        });
        joined
    }
}

/// What the endpoints can do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Options,
}

impl Method {
    pub(super) fn of(method: &str) -> Option<Self> {
        match method {
            "GET" | "HEAD" => Some(Self::Get),
            "OPTIONS" => Some(Self::Options),
            _ => None,
        }
    }
}
