//! A client that accepts no header, and no mix of code, type and body, that the contract does not
//! name.

use std::{
    collections::{BTreeMap, BTreeSet},
    pin::Pin,
};

use bytes::Bytes;
use health_core::{Identity, Management, Reply, Request, Server};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde_json::Value;

pub(crate) const V3: &str = "application/vnd.spring-boot.actuator.v3+json";
pub(crate) const V2: &str = "application/vnd.spring-boot.actuator.v2+json";

/// One request; awaiting it sends it.
pub(crate) struct Ask<'a> {
    management: &'a Management,
    method: &'a str,
    path: &'a str,
    is_below_base: bool,
    sent_path: Option<&'a str>,
    headers: HeaderMap,
    identity: Option<Identity>,
    is_secure: bool,
    server: Server,
}

pub(crate) fn ask<'a>(management: &'a Management, method: &'a str, path: &'a str) -> Ask<'a> {
    Ask {
        management,
        method,
        path,
        is_below_base: false,
        sent_path: None,
        headers: HeaderMap::new(),
        identity: None,
        is_secure: false,
        server: Server::Application,
    }
}

/// Asks anonymously, by `GET`.
pub(crate) async fn get(management: &Management, path: &str) -> Answer {
    ask(management, "GET", path).await
}

impl<'a> Ask<'a> {
    /// Adds a line; a header may have several.
    pub(crate) fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header value");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    pub(crate) fn accept(self, value: &str) -> Self {
        self.header("accept", value)
    }

    /// Asks as somebody known, with these roles.
    pub(crate) fn roles(mut self, roles: &[&str]) -> Self {
        let identity = roles
            .iter()
            .fold(Identity::new(), |identity, role| identity.role(*role));
        self.identity = Some(identity);
        self
    }

    pub(crate) fn server(mut self, server: Server) -> Self {
        self.server = server;
        self
    }

    pub(crate) fn secure(mut self) -> Self {
        self.is_secure = true;
        self
    }

    /// Sends the path as one below the base, which was mounted at what the client sent.
    pub(crate) fn mounted(mut self, sent_path: &'a str) -> Self {
        self.is_below_base = true;
        self.sent_path = Some(sent_path);
        self
    }

    /// Sends the request and returns the reply as it is, unawaited.
    pub(crate) fn send(self) -> Reply {
        let mut request = Request::new(self.method, self.path, &self.headers)
            .identity(self.identity.as_ref())
            .secure(self.is_secure)
            .server(self.server);
        if let Some(sent_path) = self.sent_path {
            request = request.sent_path(sent_path);
        }
        if self.is_below_base {
            request = request.below_base(self.path);
        }
        self.management.respond(&request)
    }
}

impl<'a> IntoFuture for Ask<'a> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let method = self.method.to_owned();
        let reply = self.send();
        Box::pin(async move { Answer::read(&method, reply.await) })
    }
}

/// An answer that keeps the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    /// Reads a response to a request of this method, and refuses what no answer may hold.
    #[track_caller]
    pub(crate) fn read(method: &str, response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let mut headers = BTreeMap::new();
        for (name, value) in &parts.headers {
            let value = value.to_str().expect("a header in ASCII").to_owned();
            let twice = headers.insert(name.to_string(), value);
            assert_eq!(twice, None, "{name} is there twice");
        }
        let body = String::from_utf8(body.into()).expect("a body in UTF-8");
        let answer = Self {
            status: parts.status.as_u16(),
            headers,
            body,
        };
        answer.assert_contract(method);
        answer
    }

    #[track_caller]
    fn assert_contract(&self, method: &str) {
        let known = ["allow", "cache-control", "content-type", "health-via"];
        let unknown = self
            .headers
            .keys()
            .find(|name| !known.contains(&name.as_str()));
        assert_eq!(unknown, None, "an unexpected header in {self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        assert_eq!(
            self.header("content-type").is_some(),
            !self.body.is_empty(),
            "a type without body, or a body without type: {self:?}"
        );
        let says_what_is_allowed =
            self.status == 405 || (method == "OPTIONS" && self.status == 200);
        let allow = says_what_is_allowed.then_some("GET, HEAD, OPTIONS");
        assert_eq!(self.header("allow"), allow, "{self:?}");
        if let Some(content_type) = self.header("content-type")
            && content_type.ends_with("json")
        {
            assert_no_nothing(&self.json());
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns what stands at a path of keys, such as `/components/db/status`.
    #[track_caller]
    pub(crate) fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// Returns the text at a path of keys, or nothing.
    #[track_caller]
    pub(crate) fn text_at(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_default().to_owned()
    }

    /// Returns the code and the status of the whole, to compare both at once.
    #[track_caller]
    pub(crate) fn outcome(&self) -> (u16, String) {
        (self.status, self.text_at("/status"))
    }

    /// Returns the names of the components in alphabetical order, separated by blanks.
    pub(crate) fn component_names(&self) -> String {
        let components = self.at("/components");
        let names = components
            .as_object()
            .into_iter()
            .flat_map(|map| map.keys());
        let names: BTreeSet<&str> = names.map(String::as_str).collect();
        names.into_iter().collect::<Vec<_>>().join(" ")
    }
}

/// What is empty or absent is left out of every answer.
#[track_caller]
fn assert_no_nothing(value: &Value) {
    match value {
        Value::Null => panic!("null in an answer"),
        Value::String(text) => assert_ne!(text, "", "an empty text in an answer"),
        Value::Array(items) => {
            assert!(!items.is_empty(), "an empty array in an answer");
            items.iter().for_each(assert_no_nothing);
        }
        Value::Object(entries) => {
            assert!(!entries.is_empty(), "an empty object in an answer");
            entries.values().for_each(assert_no_nothing);
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}
