//! Between Rocket's types and those of the core.

use std::io::Cursor;

use bytes::Bytes;
use health_core::Headers;
use rocket::{
    Response,
    http::{HeaderMap, Status},
};

/// The headers of a request. Rocket has left out the lines that are no UTF-8.
pub(crate) struct RequestHeaders<'a>(pub(crate) &'a HeaderMap<'a>);

impl Headers for RequestHeaders<'_> {
    fn each(&self, name: &str, f: &mut dyn FnMut(&[u8])) {
        for value in self.0.get(name) {
            f(value.as_bytes());
        }
    }
}

/// Takes the mount point, which Rocket calls `/` where there is none, off a path.
pub(crate) fn below_mount<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    if mount == "/" {
        Some(path)
    } else {
        path.strip_prefix(mount)
    }
}

/// The core's answer in the types of Rocket.
pub(crate) struct Answer {
    status: Status,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl From<&http::Response<Bytes>> for Answer {
    fn from(answer: &http::Response<Bytes>) -> Self {
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Self {
            status: Status::new(answer.status().as_u16()),
            headers: headers.collect(),
            body: answer.body().clone(),
        }
    }
}

impl Answer {
    pub(crate) fn response<'r>(&self) -> Response<'r> {
        let mut response = Response::new();
        response.set_status(self.status);
        for (name, value) in &self.headers {
            response.adjoin_raw_header(name.clone(), value.clone());
        }
        response.set_sized_body(self.body.len(), Cursor::new(self.body.clone()));
        response
    }
}
